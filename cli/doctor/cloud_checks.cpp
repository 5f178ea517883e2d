// SPDX-License-Identifier: Apache-2.0
// What the cloud's answers tell.
#include <iterator>

#include <boost/json.hpp>

#include "doctor/doctor.hpp"
#include "support/key_files.hpp"

namespace strata::cli {
namespace {

using std::chrono::system_clock;

constexpr const char* kServePrints = "strata-cloud serve prints";
constexpr auto kClockDoubtful = std::chrono::minutes(2);
constexpr auto kCertificateSoon = std::chrono::hours(21 * 24);

std::int64_t HoursOf(system_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::hours>(time).count();
}

Findings CheckClock(const HttpResponse& answer, system_clock::time_point now) {
  if (!answer.server_time) {
    return {};
  }
  const auto ahead = now - system_clock::from_time_t(*answer.server_time);
  const auto apart = std::chrono::duration_cast<std::chrono::seconds>(
      ahead < system_clock::duration(0) ? -ahead : ahead);
  if (apart > kClockDoubtful) {
    return {Doubtful("clock",
                     "this machine's clock is " + std::to_string(apart.count()) + " s " +
                         (ahead > system_clock::duration(0) ? "ahead of" : "behind") +
                         " the cloud's",
                     "set it: certificates are checked by it (timedatectl set-ntp true)")};
  }
  return {Fine("clock", "within " + std::to_string(apart.count()) + " s of the cloud's")};
}

Findings CheckCertificate(const HttpResponse& answer, system_clock::time_point now) {
  if (!answer.certificate_end) {
    return {};
  }
  const auto left = system_clock::from_time_t(*answer.certificate_end) - now;
  const std::string days = std::to_string(HoursOf(left) / 24) + " days";
  if (left < kCertificateSoon) {
    return {Doubtful("certificate",
                     "the cloud's certificate is valid for " + days + " more",
                     "it is renewed when strata-cloud starts; if it is your own, replace it")};
  }
  return {Fine("certificate", "the cloud's is valid for " + days)};
}

/// nullopt when it is one.
std::optional<Finding> NotOurCloud(const HttpResponse& health, const std::string& url) {
  boost::system::error_code error;
  const Json body = boost::json::parse(health.body, error);
  const bool ours = !error && body.is_object() && body.get_object().contains("status");
  if (ours && health.status == 200) {
    return std::nullopt;
  }
  if (ours) {
    Problem problem = ProblemOfAnswer(health);
    if (health.status == 401) {  // people's URL asks for nothing there
      problem.next_step = url + " is the devices' URL; use the first one that " + kServePrints;
    }
    return Wrong("cloud", problem);
  }
  return Wrong("cloud",
               Local(Code::kCloudProtocol,
                     url + " answers, but is no Strata cloud",
                     std::string("use the first URL that ") + kServePrints));
}

Finding CannotReach(const Problem& problem, const std::string& url) {
  Finding finding = Wrong("cloud", problem);
  // A server before ours that wants a client's certificate ends the handshake with an alert.
  if (problem.message.find("alert") != std::string::npos &&
      problem.message.find("certificate") != std::string::npos) {
    finding.next_step =
        url + " is perhaps the devices' URL; use the first one that " + kServePrints;
  }
  return finding;
}

Findings CheckCredentials(HttpClient& client) {
  const Expected<HttpResponse> answer = client.Send({.path = "/v1/Apps?PageSize=1"});
  if (!answer.ok()) {
    return {Wrong("credentials", answer.error())};
  }
  if (answer.value().status == 200) {
    return {Fine("credentials", "the cloud accepts them")};
  }
  Problem problem = ProblemOfAnswer(answer.value());
  if (answer.value().status == 401) {
    problem.next_step =
        "strata login --env DIR/account.env; a lost token is made anew by "
        "strata-cloud accounts reset-token";
  }
  return {Wrong("credentials", problem)};
}

Findings CheckRegistered(HttpClient& client, const Profile& profile) {
  const Expected<bundle::PrivateKey> key = LoadPrivateKey(profile.signing_key_file);
  if (!key.ok()) {
    return {};  // CheckSigningKey said why
  }
  const std::string id =
      bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, key.value().public_key()));
  const Expected<HttpResponse> answer = client.Send({.path = "/v1/Keys/" + id});
  if (!answer.ok()) {
    return {Wrong("signing-key", answer.error())};
  }
  if (answer.value().status == 404) {
    return {Doubtful("signing-key",
                     "key " + id + " is not registered: uploads signed by it are refused",
                     "strata keys register " + profile.signing_key_file + ".pub")};
  }
  if (answer.value().status != 200) {
    return {};  // the credentials don't allow to look
  }
  boost::system::error_code error;
  const Json body = boost::json::parse(answer.value().body, error);
  const Json* revoked =
      !error && body.is_object() ? body.get_object().if_contains("revoked") : nullptr;
  if (revoked != nullptr && revoked->is_bool() && revoked->get_bool()) {
    return {Doubtful("signing-key",
                     "key " + id + " was revoked: uploads signed by it are refused",
                     "sign with another key: strata keys list")};
  }
  return {Fine("signing-key", "key " + id + " is registered")};
}

}  // namespace

Findings CheckCloud(const Session& session,
                    const Connection& connection,
                    const std::optional<Profile>& profile) {
  const Expected<std::unique_ptr<HttpClient>> client = session.context.make_client(connection);
  if (!client.ok()) {
    return {Wrong("cloud", client.error())};
  }
  const Expected<HttpResponse> health = client.value()->Send({.path = "/healthz"});
  if (!health.ok()) {
    return {CannotReach(health.error(), connection.url)};
  }
  if (std::optional<Finding> not_ours = NotOurCloud(health.value(), connection.url)) {
    return {std::move(*not_ours)};
  }
  const auto now = session.context.wall_now();
  Findings found{Fine("cloud", connection.url + " answers")};
  const auto append = [&found](Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(found));
  };
  append(CheckClock(health.value(), now));
  append(CheckCertificate(health.value(), now));
  append(CheckCredentials(*client.value()));
  if (profile && !profile->signing_key_file.empty()) {
    append(CheckRegistered(*client.value(), *profile));
  }
  return found;
}

}  // namespace strata::cli
