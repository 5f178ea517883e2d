// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "strata/core/sid.hpp"

#include "devices/device_directory.hpp"
#include "devices/devices.hpp"
#include "devices/enrolment_tokens.hpp"
#include "devices/first_app.hpp"
#include "devices/provision_csv.hpp"
#include "support/csr.hpp"
#include "support/hardware.hpp"
#include "support/key_chain.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

/// A public key as a file of the directory, named by its key id.
Expected<NamedPem> PublicPem(const PublicKey& key, KeyType type) {
  STRATA_TRY_ASSIGN(std::string pem, Lift(bundle::PublicKeyToPem(key)));
  return NamedPem{bundle::KeyIdText(bundle::KeyIdOf(type, key)), SecretText(std::move(pem))};
}

Expected<std::vector<NamedPem>> Signers(const ProvisionOptions& options, const Session& session) {
  std::vector<NamedPem> signers;
  for (const std::string& file : options.signers) {
    STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(file));
    STRATA_TRY_ASSIGN(NamedPem pem, PublicPem(key, KeyType::kManifestSigner));
    signers.push_back(std::move(pem));
  }
  if (signers.empty()) {
    STRATA_TRY_ASSIGN(
        const bundle::PrivateKey key,
        DefaultSigningKey(session, "name the manifest signers with --signer PUB.pem"));
    STRATA_TRY_ASSIGN(NamedPem pem, PublicPem(key.public_key(), KeyType::kManifestSigner));
    signers.push_back(std::move(pem));
  }
  return signers;
}

Expected<std::vector<NamedPem>> LayerKeys(const ProvisionOptions& options) {
  std::vector<NamedPem> keys;
  for (const std::string& file : options.layer_keys) {
    STRATA_TRY_ASSIGN(const bundle::PrivateKey key, LoadPrivateKey(file));
    STRATA_TRY_ASSIGN(std::string pem, Lift(key.ToPem()));
    const KeyId id = bundle::KeyIdOf(KeyType::kLayer, key.public_key());
    keys.push_back(NamedPem{bundle::KeyIdText(id), SecretText(std::move(pem))});
  }
  return keys;
}

/// Rotation and receiver key into `content`; the rotation keys themselves are returned.
Expected<std::vector<PublicKey>> FleetKeys(const ProvisionOptions& options,
                                           DeviceDirectory& content) {
  std::vector<PublicKey> keys;
  for (const std::string& file : options.rotation_keys) {
    STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(file));
    STRATA_TRY_ASSIGN(NamedPem pem, PublicPem(key, KeyType::kRotation));
    content.rotation_keys.push_back(std::move(pem));
    keys.push_back(key);
  }
  if (!options.receiver_key.empty()) {
    STRATA_TRY_ASSIGN(const bundle::PrivateKey key, LoadPrivateKey(options.receiver_key));
    STRATA_TRY_ASSIGN(std::string pem, Lift(key.ToPem()));
    content.receiver = SecretText(std::move(pem));
  }
  return keys;
}

/// Where the chain stands; the fleet is known here only when there is a message.
Expected<bundle::ChainHead> ChainHeadOf(Api& api, const std::vector<PublicKey>& rotation_keys) {
  bundle::ChainHead head;
  STRATA_TRY_ASSIGN(const auto newest, FetchNewestKeyChange(api));
  if (newest) {
    STRATA_TRY(IsSignedByOneOf(newest->sealed, rotation_keys));
    head = {newest->body.fleet, newest->body.sequence, newest->hash};
  }
  return head;
}

/// The one signer that is learnt from the cloud, for devices that were asked to be for development.
Outcome TakeDevelopmentSigner(const Session& session,
                              const JsonObject& answer,
                              DeviceDirectory& content) {
  const std::string pem = TextField(answer, "development_signer");
  if (pem.empty()) {
    session.Warn(
        "the account has no development key, so the device runs only what is signed with the "
        "signers given here; see strata accounts update --development-signing on");
    return Done{};
  }
  STRATA_TRY_ASSIGN(const PublicKey key, Lift(bundle::PublicKeyFromPem(pem)));
  STRATA_TRY_ASSIGN(NamedPem signer, PublicPem(key, KeyType::kManifestSigner));
  session.Warn("the device trusts the account's development key " + signer.name +
               ", which the cloud holds");
  const bool known = std::any_of(content.signers.begin(),
                                 content.signers.end(),
                                 [&](const NamedPem& each) { return each.name == signer.name; });
  if (!known) {
    content.signers.push_back(std::move(signer));
  }
  return Done{};
}

Outcome TakeFleet(const JsonObject& answer, DeviceDirectory& content) {
  const auto fleet = ParseFleetId(TextField(answer, "account_sid"));
  if (!fleet) {
    return Local(Code::kCloudProtocol, "the cloud's answer lacks an account SID");
  }
  if (content.fleet->sequence != 0 && content.fleet->fleet != *fleet) {
    return Local(Code::kNewKeysOtherFleet,
                 "the cloud's chain of key changes belongs to another account than the device");
  }
  content.fleet->fleet = *fleet;
  return Done{};
}

Expected<SecretText> NewIdentity() {
  STRATA_TRY_ASSIGN(const bundle::PrivateKey key, Lift(bundle::PrivateKey::Generate()));
  STRATA_TRY_ASSIGN(std::string pem, Lift(key.ToPem()));
  return SecretText(std::move(pem));
}

/// Takes from the answer what every device needs. Manifest signers are not learnt from it.
Outcome TakeAnswer(const JsonObject& answer, DeviceDirectory& content) {
  content.sid = TextField(answer, "sid");
  content.certificate = TextField(answer, "certificate");
  content.ca_certificate = TextField(answer, "ca_certificate");
  content.device_url = TextField(answer, "device_url");
  const bool one_line = std::all_of(content.device_url.begin(),
                                    content.device_url.end(),
                                    [](char c) { return c > ' ' && c < '\x7f'; });
  if (!DeviceSid::Parse(content.sid) || !content.device_url.starts_with("https://") || !one_line) {
    return Local(Code::kCloudProtocol,
                 "the cloud's answer lacks a device SID or an https device URL");
  }
  STRATA_TRY(CheckIsCertificate(content.ca_certificate));
  return CheckCertificateIsFor(content.certificate, content.identity.view());
}

/// What the cloud is told of the device.
Fields FormOf(const ProvisionOptions& options, const std::string& csr, const std::string& tags) {
  Fields form{{"Csr", csr}, {"Hardware", options.hardware}};
  if (!options.unique_name.empty()) {
    form.emplace_back("UniqueName", options.unique_name);
  }
  if (options.development) {
    form.emplace_back("Development", "true");
  }
  if (!tags.empty()) {
    form.emplace_back("Tags", tags);
  }
  return form;
}

/// With an enrolment token and nothing else.
Expected<JsonObject> Enrol(const ProvisionOptions& options,
                           const Session& session,
                           const Fields& form) {
  STRATA_TRY_ASSIGN(const std::string token, ReadTokenFile(options.token_file));
  STRATA_TRY_ASSIGN(
      std::unique_ptr<HttpClient> client,
      session.context.make_client(
          {.url = options.device_url, .user = {}, .password = {}, .ca_file = options.ca_file}));
  return Api(std::move(client))
      .Post("/device/v1/enrolment", form, {{"Authorization", "Bearer " + token}});
}

/// A device that did not get its app is no device: nobody will ever hear of it.
Outcome InstallOrRemove(const FirstApp& first,
                        const ProvisionOptions& options,
                        const std::string& sid,
                        const DirectoryWriter& writer,
                        Api& api,
                        const Session& session) {
  const Outcome installed =
      InstallFirstApp(first, options.install, sid, writer.temporary(), api, session);
  if (!installed.ok() && !api.Delete("/v1/Devices/" + PercentEncode(sid)).ok()) {
    session.Warn("the cloud keeps device " + sid +
                 ", which has no directory; remove it with strata devices remove --sid " + sid);
  }
  return installed;
}

}  // namespace

Outcome RunProvision(const ProvisionOptions& options, Session& session) {
  if (!options.csv.empty()) {
    return RunProvisionCsv(options, session);
  }
  STRATA_TRY(HardwareOf(options.hardware));
  STRATA_TRY_ASSIGN(const std::string tags, JoinTags(options.tags));
  DeviceDirectory content;
  content.hardware = options.hardware;
  content.development = options.development;
  STRATA_TRY_ASSIGN(content.signers, Signers(options, session));
  STRATA_TRY_ASSIGN(content.layer_keys, LayerKeys(options));
  STRATA_TRY_ASSIGN(const std::vector<PublicKey> rotation_keys, FleetKeys(options, content));
  STRATA_TRY_ASSIGN(content.identity, NewIdentity());
  STRATA_TRY_ASSIGN(const std::string request, MakeCertificateRequest(content.identity.view()));
  // Everything that can fail here fails before the cloud knows of the device.
  STRATA_TRY_ASSIGN(DirectoryWriter writer, DirectoryWriter::Begin(options.out));
  const Fields form = FormOf(options, request, tags);
  std::optional<Api> api;
  std::optional<FirstApp> first;
  if (options.token_file.empty()) {
    STRATA_TRY_ASSIGN(api, session.Connect());
    if (!rotation_keys.empty()) {
      STRATA_TRY_ASSIGN(content.fleet, ChainHeadOf(*api, rotation_keys));
    }
  }
  if (!options.install.empty()) {
    STRATA_TRY_ASSIGN(first,
                      CheckFirstApp(options.install, content.signers, options.hardware, *api));
  }
  STRATA_TRY_ASSIGN(const JsonObject answer,
                    api ? api->Post("/v1/Devices", form) : Enrol(options, session, form));
  STRATA_TRY(TakeAnswer(answer, content));
  if (options.development) {
    STRATA_TRY(TakeDevelopmentSigner(session, answer, content));
  }
  if (content.fleet) {
    STRATA_TRY(TakeFleet(answer, content));
  }
  STRATA_TRY(writer.Fill(content));
  if (first) {
    STRATA_TRY(InstallOrRemove(*first, options, content.sid, writer, *api, session));
  }
  STRATA_TRY(writer.Place());
  JsonObject record = FromApi(answer);
  record.erase("certificate");
  record.erase("caCertificate");
  record.erase("developmentSigner");
  record["directory"] = options.out;
  if (first) {
    record["installedApp"] = first->sid;
  }
  WriteRecords(session, {record}, "sid,uniqueName");
  return Done{};
}

}  // namespace strata::cli
