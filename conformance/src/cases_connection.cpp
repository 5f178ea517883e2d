// SPDX-License-Identifier: Apache-2.0
// Clouds that are not the device's cloud, or not there.
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

constexpr int kAttempts = 2;

/// Meets the device with `terms` from its start until it failed to connect twice, without a
/// request. Then the right cloud is back and the device must find it.
bool RefusesToTalk(Play& play, const TlsTerms& terms) {
  TlsServer& server = play.cloud().server();
  if (!play.Check(server.SetTerms(terms).ok(), "the kit can't speak like that") || !play.Start()) {
    return false;
  }
  const bool tried = play.Until("the device tried to connect twice", [&server](const Seen& seen) {
    return server.failed_handshakes() >= kAttempts || !seen.requests.empty();
  });
  return tried &&
         play.Check(play.cloud().seen().requests.empty(),
                    "it sent a request to a cloud that is not its own") &&
         play.Check(server.SetTerms({.server = play.trust().server}).ok(), "the kit failed") &&
         play.StillWorks();
}

bool ForeignCloud(Play& play) {
  const auto ca = cloud::pki::MakeCa(cloud::pki::CaUse::kServer, std::time(nullptr));
  const auto server = ca.ok() ? ServerFor(*ca) : Result<cloud::pki::Credential>(ca.error());
  return play.Check(server.ok(), "the kit could not make a certificate") &&
         RefusesToTalk(play, {.server = *server});
}

bool DeviceAsCloud(Play& play) {
  // By the CA that certifies devices: what someone who owns another device could get.
  const auto server = ServerFor(play.trust().device_ca);
  return play.Check(server.ok(), "the kit could not make a certificate") &&
         RefusesToTalk(play, {.server = *server});
}

bool SelfSignedCloud(Play& play) {
  const auto ca = cloud::pki::MakeCa(cloud::pki::CaUse::kServer, std::time(nullptr));
  return play.Check(ca.ok(), "the kit could not make a certificate") &&
         RefusesToTalk(play, {.server = *ca});
}

bool OldTls(Play& play) {
  return RefusesToTalk(play, {.server = play.trust().server, .speech = Speech::kOldTls});
}

bool NotTls(Play& play) {
  return RefusesToTalk(play, {.server = play.trust().server, .speech = Speech::kPlainHttp});
}

bool NoCertificateAsked(Play& play) {
  play.cloud().AllowAnonymous();
  TlsServer& server = play.cloud().server();
  play.cloud().SetHook(Route::kDesired, Says(Answer(401, "", "{}")));
  if (!play.Check(
          server.SetTerms({.server = play.trust().server, .ask_for_certificate = false}).ok(),
          "the kit failed") ||
      !play.Start() || !play.Asks(Route::kDesired, 2, "the device asked again after 401")) {
    return false;
  }
  play.cloud().SetHook(Route::kDesired, {});
  return play.Check(server.SetTerms({.server = play.trust().server}).ok(), "the kit failed") &&
         play.StillWorks();
}

bool Revoked(Play& play) {
  play.cloud().SetHook(Route::kDesired, play.First(2, Says(Answer(403, "", "{}"))));
  return play.Start() && play.StillWorks();
}

/// Answers with a redirect to a second cloud, as trustworthy as the first, that must not be
/// visited.
bool Redirect(Play& play) {
  const auto other = HostileCloud::Start(play.trust());
  if (!play.Check(other.ok(), "the kit could not start a second cloud")) {
    return false;
  }
  const auto elsewhere = [&play, url = (*other)->url()](int status) {
    return play.First(1, [url, status](const Request& request, Connection& connection) {
      return connection.Write(Answer(status, "Location: " + url + request.path + "\r\n", ""));
    });
  };
  play.cloud().SetHook(Route::kDesired, elsewhere(302));
  play.cloud().SetHook(Route::kManifest, elsewhere(301));
  play.cloud().SetHook(Route::kLayer, elsewhere(307));
  play.cloud().SetHook(Route::kReceipt, elsewhere(308));
  const App app = play.Make();
  (*other)->Offer(app, May::kConfirm);
  return play.Start() && play.Installs(app) && play.StillWorks() &&
         play.Check((*other)->server().connections() == 0,
                    "it followed a redirect to another host");
}

bool CloudOffline(Play& play) {
  TlsServer& server = play.cloud().server();
  if (!play.Start() || !play.Installs(play.Make())) {
    return false;
  }
  // A refused connection can't be seen; so first one that is hung up on, then none at all.
  const TlsTerms deaf{.server = play.trust().server, .speech = Speech::kHangUp};
  const App app = play.Make();
  const int before = server.failed_handshakes();
  return play.Check(server.SetTerms(deaf).ok(), "the kit failed") &&
         play.Until("the device tried to connect again, twice",
                    [&server, before](const Seen&) {
                      return server.failed_handshakes() >= before + kAttempts;
                    }) &&
         play.Check(server.SetOnline(false).ok(), "the kit failed") && play.Kill() &&
         play.Start() &&
         play.Check(
             server.SetTerms({.server = play.trust().server}).ok() && server.SetOnline(true).ok(),
             "the kit could not listen again") &&
         play.Installs(app);
}

bool ConnectionsCut(Play& play) {
  const auto cut = [](const Request&, Connection& connection) {
    connection.Cut();
    return true;
  };
  for (const Route route : {Route::kDesired, Route::kManifest, Route::kLayer, Route::kReceipt}) {
    play.cloud().SetHook(route, play.First(1, cut));
  }
  return play.Start() && play.StillWorks() && play.StillWorks();
}

constexpr std::array kConnectionCases = {
    Case{{"foreign-cloud",
          "man in the middle",
          "a server certificate of another CA gets no request"},
         ForeignCloud},
    Case{{"device-as-cloud",
          "man in the middle",
          "a server certificate of the CA for devices gets no request"},
         DeviceAsCloud},
    Case{{"self-signed-cloud", "man in the middle", "a self-signed certificate gets no request"},
         SelfSignedCloud},
    Case{{"old-tls", "downgrade", "TLS 1.1 gets no request"}, OldTls},
    Case{{"not-tls", "downgrade", "a server that speaks no TLS gets no request"}, NotTls},
    Case{{"no-certificate-asked",
          "man in the middle",
          "a cloud that asks for no client certificate and answers 401 is asked again later"},
         NoCertificateAsked},
    Case{{"revoked", "denial of service", "403 is survived, and the device comes back"}, Revoked},
    Case{{"redirect", "redirect", "no redirect to another host is followed"}, Redirect},
    Case{{"cloud-offline",
          "denial of service",
          "a cloud that is not there, and comes back, is found again"},
         CloudOffline},
    Case{{"connections-cut",
          "denial of service",
          "a connection cut instead of each kind of answer is made again"},
         ConnectionsCut},
};

}  // namespace

std::span<const Case> ConnectionCases() {
  return kConnectionCases;
}

}  // namespace strata::conformance
