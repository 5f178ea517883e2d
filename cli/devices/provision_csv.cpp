// SPDX-License-Identifier: Apache-2.0
#include "devices/provision_csv.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "strata/core/sid.hpp"

#include "support/csr.hpp"
#include "support/csv.hpp"
#include "support/files.hpp"
#include "support/hardware.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCsvBytes = 64ULL * 1024 * 1024;
constexpr std::size_t kMaxFileNameBytes = 200;
constexpr int kMostPauses = 60;
const std::vector<std::string> kResultColumns = {
    "line", "unique_name", "sid", "certificate", "device_url", "error"};

/// A row of the file.
struct Wanted {
  std::size_t line = 0;
  std::string unique_name;
  std::string csr;  ///< PEM text or a file's name
  std::string tags;
  std::string hardware;
  std::string problem{};  ///< of the row itself; empty: none
};

/// A row of results.csv.
struct Reached {
  std::size_t line = 0;
  std::string sid{};
  std::string certificate{};
  std::string device_url{};
  std::string error{};
};

using Results = std::map<std::string, Reached>;

std::string ResultLine(const std::string& name, const Reached& result) {
  return CsvLine({std::to_string(result.line),
                  name,
                  result.sid,
                  result.certificate,
                  result.device_url,
                  result.error});
}

/// What an earlier run noted; a line that a kill cut short is left out.
Expected<Results> ReadResults(const fs::path& file) {
  Results results;
  if (!fs::exists(file)) {
    return results;
  }
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> bytes, ReadFile(file, 2 * kMaxCsvBytes));
  for (const CsvRow& row : ParseCsv(AsText(bytes)).rows) {
    if (row.cells.size() != kResultColumns.size() || row.cells == kResultColumns) {
      continue;
    }
    const auto known = results.find(row.cells[1]);
    // A row that stood twice in the file failed the second time.
    if (known == results.end() || !known->second.error.empty() || row.cells[5].empty()) {
      results[row.cells[1]] = {.line = 0,
                               .sid = row.cells[2],
                               .certificate = row.cells[3],
                               .device_url = row.cells[4],
                               .error = row.cells[5]};
    }
  }
  return results;
}

std::string ProblemOfName(const std::string& name) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  if (name.empty()) {
    return "unique_name is empty";
  }
  if (name.front() == '.' || name.find('/') != std::string::npos || control ||
      name.size() > kMaxFileNameBytes) {
    return "unique_name can't be a file's name: it must not begin with a dot, hold / or control "
           "characters, or be longer than 200 bytes";
  }
  return {};
}

/// Which cell of a row is which; nullopt: there is no such column.
class Columns {
 public:
  explicit Columns(const CsvRow& heading) : heading_(heading) {}

  [[nodiscard]] std::optional<std::size_t> Find(std::string_view name) const {
    const auto& cells = heading_.cells;
    const auto found = std::find_if(
        cells.begin(), cells.end(), [name](const std::string& cell) { return Trim(cell) == name; });
    return found == cells.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(std::distance(cells.begin(), found)));
  }

  [[nodiscard]] std::string Of(const CsvRow& row, std::string_view name) const {
    const auto at = Find(name);
    return at && *at < row.cells.size() ? std::string(Trim(row.cells[*at])) : std::string();
  }

 private:
  const CsvRow& heading_;
};

Expected<std::vector<Wanted>> ReadWanted(const ProvisionOptions& options) {
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> bytes, ReadFile(options.csv, kMaxCsvBytes));
  const CsvText text = ParseCsv(AsText(bytes));
  if (text.rows.empty()) {
    return Local(Code::kMalformed,
                 options.csv + ": holds no heading",
                 "begin it with a line such as unique_name,csr,tags");
  }
  const Columns columns(text.rows.front());
  if (!columns.Find("unique_name") || !columns.Find("csr")) {
    return Local(Code::kMalformed,
                 options.csv + ": line 1 must name the columns unique_name and csr",
                 "begin it with a line such as unique_name,csr,tags");
  }
  if (text.open_quote_line != 0) {
    return Local(Code::kMalformed,
                 options.csv + ": a quote in the row that begins in line " +
                     std::to_string(text.open_quote_line) + " is never closed");
  }
  std::vector<Wanted> all;
  std::map<std::string, std::size_t> seen;
  for (auto row = text.rows.begin() + 1; row != text.rows.end(); ++row) {
    Wanted wanted{.line = row->line,
                  .unique_name = columns.Of(*row, "unique_name"),
                  .csr = columns.Of(*row, "csr"),
                  .tags = columns.Of(*row, "tags"),
                  .hardware = columns.Of(*row, "hardware")};
    std::replace(wanted.tags.begin(), wanted.tags.end(), ';', ',');
    wanted.problem = ProblemOfName(wanted.unique_name);
    if (wanted.problem.empty() && wanted.csr.empty()) {
      wanted.problem = "csr is empty";
    }
    if (row->cells.size() != text.rows.front().cells.size()) {
      wanted.problem = "it has " + std::to_string(row->cells.size()) + " cells, the heading has " +
                       std::to_string(text.rows.front().cells.size());
    }
    const auto [first, is_new] = seen.emplace(wanted.unique_name, wanted.line);
    if (!is_new && wanted.problem.empty()) {
      wanted.problem = "unique_name stands in line " + std::to_string(first->second) + " already";
    }
    all.push_back(std::move(wanted));
  }
  return all;
}

/// One run: the cloud, the directory, and what became of the rows.
class CsvRun {
 public:
  CsvRun(const ProvisionOptions& options, Session& session, Api api)
      : options_(options), session_(session), api_(std::move(api)), out_(options.out) {}

  Outcome Begin() {
    STRATA_TRY(MakePrivateDirectory(out_));
    STRATA_TRY_ASSIGN(results_, ReadResults(ResultsFile()));
    // So that nothing is appended to a line that was cut short.
    return WriteResults({});
  }

  /// A problem that ends the run.
  Outcome Row(const Wanted& wanted) {
    Expected<std::string> csr = CsrOf(wanted);
    if (csr.ok() && IsDone(wanted.unique_name, csr.value())) {
      ++skipped_;
      return Done{};
    }
    Reached reached{.line = wanted.line};
    const Outcome done = csr.ok() ? Certify(wanted, csr.value(), reached) : Outcome(csr.error());
    if (done.ok()) {
      ++done_;
    } else if (EndsTheRun(done.error())) {
      return done.error();
    } else {
      reached.error = Printable(LineOf(done.error()));
      Fail(wanted, done.error());
    }
    if (wanted.problem.empty()) {
      return Note(wanted.unique_name, std::move(reached));
    }
    bad_lines_ += ResultLine(wanted.unique_name, reached);
    return Done{};
  }

  /// Leaves results.csv in the order of the file.
  Outcome End(const std::vector<Wanted>& all) {
    STRATA_TRY(WriteResults(all));
    const JsonObject record{{"rows", done_ + skipped_ + failed_},
                            {"done", done_},
                            {"skipped", skipped_},
                            {"failed", failed_},
                            {"results", ResultsFile().string()}};
    WriteRecords(session_, {record}, "rows,done,skipped,failed,results");
    if (!last_) {
      return Done{};
    }
    Problem problem = *last_;
    problem.message = std::to_string(failed_) + " of " +
                      std::to_string(done_ + skipped_ + failed_) +
                      " rows failed, the last one: " + problem.message;
    problem.next_step = "mend those rows and run the command again";
    problem.told = true;
    return problem;
  }

 private:
  [[nodiscard]] fs::path ResultsFile() const { return out_ / "results.csv"; }

  [[nodiscard]] static bool EndsTheRun(const Problem& problem) {
    const bool here = problem.source == Problem::Source::kHere;
    const bool no_cloud = problem.code == static_cast<int>(Code::kCloudUnreachable) ||
                          problem.code == static_cast<int>(Code::kTimeout);
    const bool no_access = problem.code == 20003 || problem.code == 20006 || problem.code == 20429;
    return here ? no_cloud : no_access;
  }

  Expected<std::string> CsrOf(const Wanted& wanted) const {
    if (!wanted.problem.empty()) {
      return Local(Code::kMalformed, wanted.problem);
    }
    if (!wanted.hardware.empty()) {
      STRATA_TRY(HardwareOf(wanted.hardware));
    }
    std::string pem = wanted.csr;
    if (!pem.starts_with("-----BEGIN")) {
      STRATA_TRY_ASSIGN(pem, ReadTextFile(fs::path(options_.csv).parent_path() / wanted.csr));
    }
    STRATA_TRY(CheckCertificateRequest(pem));
    return pem;
  }

  bool IsDone(const std::string& name, const std::string& csr) const {
    const auto found = results_.find(name);
    if (found == results_.end() || !found->second.error.empty() ||
        found->second.certificate != name + ".crt") {
      return false;
    }
    const Expected<std::string> certificate = ReadTextFile(out_ / found->second.certificate);
    return certificate.ok() && CheckCertificateAnswers(certificate.value(), csr).ok();
  }

  /// The cloud's pace is kept.
  Expected<JsonObject> Post(const Fields& form) {
    Expected<JsonObject> answer = api_.Post("/v1/Devices", form);
    for (int i = 0; i < kMostPauses && !answer.ok() && answer.error().code == 20429; ++i) {
      session_.context.sleep(PauseBefore(answer.error(), std::chrono::seconds(1)));
      answer = api_.Post("/v1/Devices", form);
    }
    return answer;
  }

  Outcome Certify(const Wanted& wanted, const std::string& csr, Reached& reached) {
    Fields form{{"Csr", csr},
                {"UniqueName", wanted.unique_name},
                {"Hardware", wanted.hardware.empty() ? options_.hardware : wanted.hardware}};
    if (!wanted.tags.empty()) {
      form.emplace_back("Tags", wanted.tags);
    }
    STRATA_TRY_ASSIGN(const JsonObject answer, Post(form));
    const std::string certificate = TextField(answer, "certificate");
    const std::string sid = TextField(answer, "sid");
    if (!DeviceSid::Parse(sid)) {
      return Local(Code::kCloudProtocol, "the cloud's answer lacks a device SID");
    }
    if (TextField(answer, "unique_name") != wanted.unique_name) {
      return Local(Code::kKeyInvalid,
                   "its key belongs to device " + sid + " already, which has another name");
    }
    STRATA_TRY(CheckCertificateAnswers(certificate, csr));
    const std::string name = wanted.unique_name + ".crt";
    STRATA_TRY(WriteFile(out_ / name, certificate, kPublicFile, Overwrite::kReplace));
    if (!has_ca_) {
      const std::string ca = TextField(answer, "ca_certificate");
      STRATA_TRY(CheckIsCertificate(ca));
      STRATA_TRY(WriteFile(out_ / "ca.pem", ca, kPublicFile, Overwrite::kReplace));
      has_ca_ = true;
    }
    reached.sid = sid;
    reached.certificate = name;
    reached.device_url = TextField(answer, "device_url");
    return Done{};
  }

  void Fail(const Wanted& wanted, const Problem& problem) {
    ++failed_;
    last_ = problem;
    const std::string where = options_.csv + ":" + std::to_string(wanted.line);
    last_->message = where + ": " + problem.message;
    session_.Warn(where + ": " + wanted.unique_name + ": " + LineOf(problem));
  }

  Outcome Note(const std::string& name, Reached reached) {
    std::ofstream file(ResultsFile(), std::ios::app | std::ios::binary);
    file << ResultLine(name, reached);
    file.flush();
    if (!file) {
      return Local(Code::kIo, ResultsFile().string() + ": can't be written");
    }
    results_[name] = std::move(reached);
    return Done{};
  }

  Outcome WriteResults(const std::vector<Wanted>& all) {
    std::string text = CsvLine(kResultColumns);
    Results rest = results_;
    for (const Wanted& wanted : all) {
      const auto found = rest.find(wanted.unique_name);
      if (wanted.problem.empty() && found != rest.end()) {
        found->second.line = wanted.line;
        text += ResultLine(wanted.unique_name, found->second);
        rest.erase(found);
      }
    }
    for (const auto& [name, reached] : rest) {
      text += all.empty() || reached.error.empty() ? ResultLine(name, reached) : "";
    }
    return WriteFile(ResultsFile(), text + bad_lines_, kPublicFile, Overwrite::kReplace);
  }

  const ProvisionOptions& options_;
  Session& session_;
  Api api_;
  fs::path out_;
  Results results_;
  std::string bad_lines_;  ///< of results.csv: rows without a name that one could come back to
  bool has_ca_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t failed_ = 0;
  std::optional<Problem> last_;
};

}  // namespace

Outcome RunProvisionCsv(const ProvisionOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::vector<Wanted> all, ReadWanted(options));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  CsvRun run(options, session, std::move(api));
  STRATA_TRY(run.Begin());
  for (const Wanted& wanted : all) {
    STRATA_TRY(run.Row(wanted));
  }
  return run.End(all);
}

}  // namespace strata::cli
