// SPDX-License-Identifier: Apache-2.0
/// Records on stdout in the format the user chose, by the rules of the original CLI.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/json_text.hpp"
#include "support/session.hpp"

namespace strata::cli {

/// Writes records (keys in camelCase). JSON: all of each, always an array. Columns and TSV:
/// `--properties`, else `default_properties` (comma-separated). No records: "No results" on stderr,
/// nothing on stdout.
void WriteRecords(const Session& session,
                  const std::vector<JsonObject>& records,
                  std::string_view default_properties);

/// One API resource through FromApi.
void WriteResource(const Session& session,
                   const JsonObject& resource,
                   std::string_view default_properties);

/// Many API resources through FromApi.
void WriteResources(const Session& session,
                    const std::vector<JsonObject>& resources,
                    std::string_view default_properties);

/// The problem as one line on stderr. With -o json instead, as the original does, as an array of
/// one object on stdout: a cloud's with the fields that came, ours with code, name, message and
/// next_step; but when records told it already, the line. Returns the exit code.
int WriteProblem(const Session& session, const Problem& problem);

/// `rows` under `headings` (none when empty), aligned, two spaces apart, no blanks at line ends.
std::string Table(const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows);

}  // namespace strata::cli
