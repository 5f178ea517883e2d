// SPDX-License-Identifier: Apache-2.0
#include "support/output.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "support/text.hpp"

namespace strata::cli {
namespace {

using Row = std::vector<std::string>;

std::string Cell(const JsonObject& record, std::string_view property, Format format) {
  const Json* value = record.if_contains(property);
  if (value == nullptr || value->is_null()) {
    return {};
  }
  const std::string text =
      value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
  return format == Format::kTsv ? TsvCell(text) : Printable(text);
}

std::vector<std::string> ChosenProperties(const Session& session,
                                          const std::vector<JsonObject>& records,
                                          std::string_view default_properties) {
  const std::string_view wanted = session.common.properties.empty()
                                      ? default_properties
                                      : std::string_view(session.common.properties);
  std::vector<std::string> properties;
  for (const std::string& piece : Split(wanted, ',')) {
    const std::string name(Trim(piece));
    if (name.empty()) {
      continue;
    }
    const bool known =
        std::any_of(records.begin(), records.end(), [&name](const JsonObject& record) {
          return record.contains(name);
        });
    if (!known && !session.common.properties.empty()) {
      session.Warn("there is no property '" + name + "'");
      continue;
    }
    properties.push_back(name);
  }
  return properties;
}

std::string JoinTabs(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    line += (i == 0 ? "" : "\t") + row[i];
  }
  return line + "\n";
}

void Pad(std::string& line, const std::string& cell, std::size_t width) {
  line += cell;
  line.append(width - DisplayWidth(cell), ' ');
}

bool Colourful(const Context& context) {
  return context.err_is_tty && !context.env.Get("NO_COLOR") &&
         context.env.Get("TERM").value_or("dumb") != "dumb";
}

/// A cloud's problem as it came, also fields that we don't know; ours with our fields.
JsonObject ProblemObject(const Problem& problem) {
  boost::system::error_code error;
  const Json body = problem.source == Problem::Source::kCloud
                        ? boost::json::parse(problem.body, error)
                        : Json(nullptr);
  if (!error && body.is_object()) {
    return body.as_object();
  }
  return {{"code", problem.code > 0 ? Json(problem.code) : Json(nullptr)},
          {"name", problem.name},
          {"message", problem.message},
          {"next_step", problem.next_step}};
}

}  // namespace

std::string Table(const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<Row> lines;
  if (!headings.empty()) {
    lines.push_back(headings);
  }
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths;
  for (const Row& row : lines) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  for (const Row& row : lines) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? "" : "  ";
      Pad(line, row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

void WriteRecords(const Session& session,
                  const std::vector<JsonObject>& records,
                  std::string_view default_properties) {
  if (records.empty()) {
    session.Info("No results");
    return;
  }
  const Format format = session.common.OutputFormat();
  std::ostream& out = session.context.out;
  if (format == Format::kNone) {
    return;
  }
  if (format == Format::kJson) {
    boost::json::array array;
    for (const JsonObject& record : records) {
      array.push_back(record);
    }
    out << PrettyJson(array) << '\n';
    return;
  }
  const Row properties = ChosenProperties(session, records, default_properties);
  if (properties.empty()) {
    return;
  }
  std::vector<Row> rows;
  for (const JsonObject& record : records) {
    Row row;
    for (const std::string& property : properties) {
      row.push_back(Cell(record, property, format));
    }
    rows.push_back(std::move(row));
  }
  if (format == Format::kTsv) {
    out << (session.common.no_header ? "" : JoinTabs(properties));
    for (const Row& row : rows) {
      out << JoinTabs(row);
    }
    return;
  }
  Row headings;
  for (const std::string& property : session.common.no_header ? Row() : properties) {
    headings.push_back(Heading(property));
  }
  out << Table(headings, rows);
}

void WriteResource(const Session& session,
                   const JsonObject& resource,
                   std::string_view default_properties) {
  WriteRecords(session, {FromApi(resource)}, default_properties);
}

void WriteResources(const Session& session,
                    const std::vector<JsonObject>& resources,
                    std::string_view default_properties) {
  std::vector<JsonObject> records;
  for (const JsonObject& resource : resources) {
    records.push_back(FromApi(resource));
  }
  WriteRecords(session, records, default_properties);
}

int WriteProblem(const Session& session, const Problem& problem) {
  const int exit_code =
      problem.source == Problem::Source::kUsage ? session.usage_exit_code : ExitCodeOf(problem);
  if (session.common.OutputFormat() == Format::kJson && !problem.told) {
    session.context.out << PrettyJson(boost::json::array{ProblemObject(problem)}) << '\n';
    return exit_code;
  }
  if (session.Shows(LogLevel::kError)) {
    const bool colour = Colourful(session.context);
    session.context.err << (colour ? "\x1b[31m" : "") << LineOf(problem)
                        << (colour ? "\x1b[0m" : "") << '\n';
  }
  return exit_code;
}

}  // namespace strata::cli
