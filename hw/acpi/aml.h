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

/* aml_integer - a constant, as element of a package. */
void aml_integer(GByteArray *aml, uint32_t value);

/* aml_package - Package(@count) {@elements}; up to 255. */
void aml_package(GByteArray *aml, unsigned count, const GByteArray *elements);

/* aml_name_value - Name(@name, @value); @value is one object, such as a package. */
void aml_name_value(GByteArray *aml, const char *name, const GByteArray *value);

/* What a bus produces for the devices on it. */
typedef enum AmlSpace {
    AML_SPACE_MEMORY,
    AML_SPACE_PORTS,
    AML_SPACE_BUS_NUMBERS,
} AmlSpace;

/*
 * aml_resource_window - [@first, @last] of @space, for children: WordBusNumber, WordIO,
 * DWordMemory or, above 4 GiB, QWordMemory (prefetchable).
 */
void aml_resource_window(GByteArray *resources, AmlSpace space, uint64_t first,
                         uint64_t last);

/* aml_resource_ports - IO(Decode16, @port, @port, 1, @bytes). */
void aml_resource_ports(GByteArray *resources, uint16_t port, uint8_t bytes);

/* aml_resource_memory32 - Memory32Fixed(ReadWrite, @base, @bytes). */
void aml_resource_memory32(GByteArray *resources, uint32_t base, uint32_t bytes);

/* aml_resource_irq - IRQNoFlags() {@irq} up to 15, else Interrupt(level, high, @irq). */
void aml_resource_irq(GByteArray *resources, unsigned irq);

/* aml_name_resources - Name(@name, ResourceTemplate() {@resources}). */
void aml_name_resources(GByteArray *aml, const char *name, const GByteArray *resources);

/* aml_device - Device(@name) {@body}. */
void aml_device(GByteArray *aml, const char *name, const GByteArray *body);

/* aml_scope - Scope(\@name) {@body}; "_SB_". */
void aml_scope(GByteArray *aml, const char *name, const GByteArray *body);

#endif
