/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of the vpmu tool, and what they share.  All that is decided is decided
 * by libvpmu; here are words, files and output.
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vpmu/vpmu.h"

/* What a subcommand ends with. */
typedef enum ToolExit {
    TOOL_EXIT_OK,
    TOOL_EXIT_REFUSED,  /* the question was understood, the answer is no */
    TOOL_EXIT_BAD_INPUT /* the question was not understood */
} ToolExit;

/*
 * A subcommand: gets the arguments after its name, NULL-terminated; prints its result to
 * @out.  A message in @errp goes with an exit other than OK.
 */
typedef ToolExit ToolCommand(char **args, FILE *out, GError **errp);

ToolCommand cmd_record;
ToolCommand cmd_resolve;
ToolCommand cmd_doctor;
ToolCommand cmd_check;
ToolCommand cmd_diff;
ToolCommand cmd_baseline;
ToolCommand cmd_stream;

/* ---- words ---- */

/*
 * tool_split_words - @args with each "--name=value" as two words, up to the "--" that
 * ends the tool's own options.  NULL-terminated; g_strfreev().
 */
char **tool_split_words(char **args);

/*
 * tool_take_value - the word after the option at *@args, which moves on to it; NULL with
 * an error where there is none.
 */
const char *tool_take_value(char ***args, GError **errp);

/* tool_check_guest_words - none of the guest's options, after "--", is one of the tool's.
 */
bool tool_check_guest_words(char **args, GError **errp);

/* tool_parse_number - all of @text, decimal or 0x…; false, @ret untouched, for others. */
bool tool_parse_number(const char *text, uint64_t *ret);

/* tool_parse_bytes - likewise, with a suffix b, k, M, G, T, P or E in either case. */
bool tool_parse_bytes(const char *text, uint64_t *ret);

/* tool_near_word - that of @words, NULL-terminated, which @word is a slip of; or NULL. */
const char *tool_near_word(const char *const *words, const char *word);

/* ---- answers of the library ---- */

/* tool_error - @errp with the text @format, control characters made "?". */
void tool_error(GError **errp, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* tool_fail - @message of the library, which is released, as @errp; the exit of @status.
 */
ToolExit tool_fail(VpmuStatus status, char *message, GError **errp);

/* tool_load_host - @from is "live" or the path of a profile. */
VpmuHost *tool_load_host(const char *from, GError **errp);

/*
 * tool_request - from the words of a monitor's command line, for @host.
 * @args: NULL-terminated
 */
VpmuRequest *tool_request(char **args, const VpmuHost *host, GError **errp);

/* tool_text_clear - the cleanup function of tool_autotext. */
static inline void tool_text_clear(char **text)
{
    vpmu_free(*text);
}

/* Text of the library that is released when the variable goes out of scope. */
#define tool_autotext __attribute__((cleanup(tool_text_clear))) char

/* tool_print - @text of the library, which is released, to @out. */
void tool_print(FILE *out, char *text);

/* tool_print_line - likewise, with an end of line. */
void tool_print_line(FILE *out, char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuHost, vpmu_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuRequest, vpmu_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuPlan, vpmu_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuContract, vpmu_contract_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuReport, vpmu_report_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuDiff, vpmu_diff_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuBaseline, vpmu_baseline_free)

#endif
