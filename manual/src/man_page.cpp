// SPDX-License-Identifier: Apache-2.0
#include "strata/manual/man_page.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

namespace strata::manual {
namespace {

/// Text in which nothing is a request or an escape, and a hyphen can be copied as a minus.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  const bool request = escaped.starts_with('.') || escaped.starts_with('\'');
  return (request ? "\\&" : "") + escaped;
}

/// "strata-apps-create".
std::string TitleOf(const Program& program, const Command& command) {
  std::string title = program.name;
  for (const std::string& word : command.words) {
    title += "-" + word;
  }
  return title;
}

std::string Synopsis(const Program& program, const Command& command) {
  const std::string path = PathOf(command);
  std::string line = ".B " + Escaped(program.name + (path.empty() ? "" : " " + path)) + "\n";
  if (!command.verbs.empty()) {
    return line + ".I VERB\n.RI [ OPTIONS ]\n";
  }
  for (const CommandOption& option : command.options) {
    if (option.positional) {
      line += (option.required ? ".I " + Escaped(option.names.front())
                               : ".RI [ " + Escaped(option.names.front()) + " ]") +
              "\n";
    }
  }
  return line + ".RI [ OPTIONS ]\n";
}

std::string OptionEntry(const CommandOption& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + Escaped(name);
  }
  std::string text = ".TP\n.B " + names + "\n";
  text += Escaped(option.description.empty() ? "See the example." : option.description);
  if (!option.default_value.empty()) {
    text += " (default " + Escaped(option.default_value) + ")";
  }
  const bool told = std::all_of(
      option.choices.begin(), option.choices.end(), [&option](const std::string& choice) {
        return option.description.find(choice) != std::string::npos;
      });
  if (!told) {
    text += "\nOne of: ";
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
      text += (i == 0 ? "" : ", ") + Escaped(option.choices[i]);
    }
    text += '.';
  }
  return text + "\n";
}

std::string SeeAlso(const Program& program, const Command& command, const Command& root) {
  std::vector<std::string> titles;
  if (command.words.empty()) {
    titles = program.see_also;
  } else {
    titles.push_back(TitleOf(program, root));
  }
  for (const Command& verb : command.verbs) {
    titles.push_back(TitleOf(program, verb));
  }
  std::string line;
  for (const std::string& title : titles) {
    line += (line.empty() ? "" : ",\n") + std::string(".BR ") + Escaped(title) + " (1)";
  }
  return line.empty() ? "" : ".SH SEE ALSO\n" + line + "\n";
}

/// The examples stand behind a line `Example:` or `Examples:`; what is before it is prose.
std::string Examples(const Command& command) {
  std::string notes;
  std::string examples;
  bool behind = false;
  std::istringstream footer(command.footer);
  for (std::string line; std::getline(footer, line);) {
    if (line == "Example:" || line == "Examples:") {
      behind = true;
    } else {
      (behind ? examples : notes) += Escaped(line) + "\n";
    }
  }
  const bool has_notes = notes.find_first_not_of('\n') != std::string::npos;
  std::string text = has_notes ? ".SH NOTES\n.nf\n" + notes + ".fi\n" : "";
  return examples.empty() ? text : text + ".SH EXAMPLES\n.nf\n" + examples + ".fi\n";
}

}  // namespace

std::string ManPageName(const Program& program, const Command& command) {
  return TitleOf(program, command) + ".1";
}

std::string ManPage(const Program& program, const Command& command, const Command& root) {
  const std::string title = Escaped(TitleOf(program, command));
  std::string page = ".TH " + title + " 1 \"\" \"" + program.name + " " + program.version +
                     "\" \"Strata\"\n.SH NAME\n" + title + " \\- " + Escaped(command.description) +
                     "\n.SH SYNOPSIS\n" + Synopsis(program, command);
  if (!command.verbs.empty()) {
    page += ".SH VERBS\n";
    for (const Command& verb : command.verbs) {
      page += ".TP\n.B " + Escaped(verb.words.back()) + "\n" + Escaped(verb.description) + "\n";
    }
  }
  page += ".SH OPTIONS\n";
  for (const CommandOption& option : command.options) {
    page += OptionEntry(option);
  }
  page += Examples(command);
  page += ".SH EXIT STATUS\n" + Escaped(program.exit_status) + "\n";
  return page + SeeAlso(program, command, root);
}

std::optional<NotWritten> WritePages(const std::filesystem::path& directory,
                                     const Program& program,
                                     const Command& root) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return NotWritten{directory, error.value()};
  }
  for (const Command* command : Flatten(root)) {
    const std::filesystem::path path = directory / ManPageName(program, *command);
    errno = 0;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << ManPage(program, *command, root);
    file.close();
    if (!file) {
      return NotWritten{path, errno != 0 ? errno : EIO};
    }
    namespace fs = std::filesystem;  // a manual is for everybody, whatever the umask
    constexpr auto kReadable = fs::perms::owner_read | fs::perms::owner_write |
                               fs::perms::group_read | fs::perms::others_read;
    fs::permissions(path, kReadable, error);
  }
  return std::nullopt;
}

}  // namespace strata::manual
