// SPDX-License-Identifier: Apache-2.0
/// Man pages (groff_man(7), section 1) from a program's commands: one for the program and one for
/// each verb. Made from the parser's own tree, so that they can't fall behind it.
/// Role: text, and files of it. Texts must be ASCII; nothing in them becomes a request of troff.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "strata/manual/command_tree.hpp"

namespace strata::manual {

/// What a page says beside its command.
struct Program {
  std::string name;         ///< "strata"
  std::string version;      ///< "1.0.0"
  std::string exit_status;  ///< one paragraph; also when it is empty there is the heading
  std::vector<std::string> see_also{};  ///< other pages of section 1, for the program's own page
};

/// "strata-apps-create.1".
std::string ManPageName(const Program& program, const Command& command);

/// The page of `command`, which is `root` or stands below it.
std::string ManPage(const Program& program, const Command& command, const Command& root);

/// A file that could not be written, or the directory that could not be made; `error` is an errno.
struct NotWritten {
  std::filesystem::path path;
  int error = 0;
};

/// All pages into `directory`, which is made when it is missing; everybody may read them; files
/// that stand there are replaced. nullopt: all are there. After a failure some may be.
std::optional<NotWritten> WritePages(const std::filesystem::path& directory,
                                     const Program& program,
                                     const Command& root);

}  // namespace strata::manual
