// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.hpp"

#include <algorithm>

#include "support/output.hpp"

namespace strata::cli {
namespace {

struct DoctorOptions {};

std::string_view Word(Finding::Result result) {
  switch (result) {
    case Finding::Result::kOk:
      return "ok";
    case Finding::Result::kWarning:
      return "warning";
    case Finding::Result::kProblem:
      break;
  }
  return "problem";
}

void Append(Findings& all, Findings more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

Findings CheckConnection(const Session& session) {
  const Environment& env = session.context.env;
  const Expected<Connection> connection = ChooseConnection(env, session.common.profile);
  if (!connection.ok()) {
    return {Wrong("sign-in", connection.error())};
  }
  const Connection& to = connection.value();
  Findings found{Fine("sign-in", to.user + " at " + to.url)};
  const Expected<std::optional<Profile>> chosen = ChooseProfile(env, session.common.profile);
  const std::optional<Profile> profile = chosen.ok() ? chosen.value() : std::nullopt;
  Append(found, CheckCaFile(to, session.context.wall_now()));
  if (profile) {
    Append(found, CheckSigningKey(*profile));
  }
  Append(found, CheckCloud(session, to, profile));
  return found;
}

Outcome RunDoctor(const DoctorOptions&, Session& session) {
  Findings found = CheckConfiguration(session.context.env);
  Append(found, CheckVariables(session.context.env));
  Append(found, CheckConnection(session));
  std::vector<JsonObject> records;
  for (const Finding& finding : found) {
    records.push_back({{"check", finding.check},
                       {"result", Word(finding.result)},
                       {"detail", finding.detail},
                       {"nextStep", finding.next_step}});
  }
  WriteRecords(session, records, "check,result,detail,nextStep");
  const auto problem = std::find_if(found.begin(), found.end(), [](const Finding& finding) {
    return finding.result == Finding::Result::kProblem;
  });
  if (problem == found.end()) {
    return Done{};
  }
  Problem first;
  first.code = problem->code;
  first.name = "Doctor";
  first.message = problem->check + ": " + problem->detail;
  first.next_step = problem->next_step;
  first.told = true;
  return first;
}

}  // namespace

Finding Fine(std::string check, std::string detail) {
  return {std::move(check), Finding::Result::kOk, std::move(detail), {}, 0};
}

Finding Doubtful(std::string check, std::string detail, std::string next_step) {
  return {std::move(check), Finding::Result::kWarning, std::move(detail), std::move(next_step), 0};
}

Finding Wrong(std::string check, const Problem& problem) {
  return {std::move(check),
          Finding::Result::kProblem,
          problem.message,
          problem.next_step.empty() ? problem.more_info : problem.next_step,
          problem.code};
}

void AddDoctor(CLI::App& root, Session& session) {
  CLI::App& verb = AddVerb(root,
                           session,
                           "doctor",
                           "Look for the usual mistakes: sign-in, permissions, CA, clock, keys",
                           "strata doctor");
  Bind(verb, session, std::make_shared<DoctorOptions>(), RunDoctor);
}

}  // namespace strata::cli
