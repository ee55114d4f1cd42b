/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough ACPI machine language to describe a few devices.
 * Source: ACPI 6.5, section 20 (AML specification).
 */
#ifndef HW_AML_H
#define HW_AML_H

#include <glib.h>
#include <stdint.h>

/* aml_name_integer - Name(@name, @value); @name has four characters. */
void aml_name_integer(GByteArray *aml, const char *name, uint32_t value);

/* aml_name_string - Name(@name, "@value"). */
void aml_name_string(GByteArray *aml, const char *name, const char *value);

/* aml_name_eisa_id - Name(@name, EisaId("@id")), such as "PNP0501". */
void aml_name_eisa_id(GByteArray *aml, const char *name, const char *id);

/* aml_name_package - Name(@name, Package() {…}) of integers. */
void aml_name_package(GByteArray *aml, const char *name, const uint32_t *values,
                      unsigned count);

/* aml_name_io_irq - Name(_CRS, ResourceTemplate() {IO, IRQ}); @irq 0: no interrupt. */
void aml_name_io_irq(GByteArray *aml, uint16_t port, uint8_t bytes, unsigned irq);

/* aml_device - Device(@name) {@body}. */
void aml_device(GByteArray *aml, const char *name, const GByteArray *body);

/* aml_scope - Scope(\@name) {@body}; "_SB_". */
void aml_scope(GByteArray *aml, const char *name, const GByteArray *body);

#endif
