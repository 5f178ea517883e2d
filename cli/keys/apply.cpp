// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "strata/format/bundle/new_keys.hpp"

#include "keys/rotate.hpp"
#include "keys/send_change.hpp"
#include "support/files.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome SendKeyChange(Api& api, ByteSpan message, const Session& session) {
  Upload upload;
  upload.content = std::string(AsText(message));
  STRATA_TRY_ASSIGN(const std::string idempotency_key, RandomToken());
  STRATA_TRY_ASSIGN(const JsonObject answer, api.Send("/v1/KeyChanges", upload, idempotency_key));
  JsonObject record = FromApi(answer);
  record.erase("encodedBytes");
  WriteRecords(session, {record}, "sequence,hash");
  return Done{};
}

Outcome RunApplyKeys(const ApplyOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> message,
                    ReadFile(options.file, kMaxTextFileBytes));
  STRATA_TRY_ASSIGN(const bundle::SealedNewKeys sealed,
                    Lift(bundle::ParseNewKeys(message), options.file));
  STRATA_TRY(Lift(bundle::ParseNewKeysBody(sealed.body), options.file));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  return SendKeyChange(api, message, session);
}

void AddApplyKeys(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "apply",
                           "Send a message that keys rotate or revoke wrote with --out",
                           "strata keys apply change-3.bin");
  auto options = std::make_shared<ApplyOptions>();
  verb.add_option("FILE", options->file, "The message")->required();
  Bind(verb, session, options, RunApplyKeys);
}

}  // namespace strata::cli
