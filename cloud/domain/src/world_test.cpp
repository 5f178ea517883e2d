// SPDX-License-Identifier: Apache-2.0
#include "world_test.hpp"

#include <cstdlib>
#include <fstream>

namespace strata::cloud {
namespace {

std::string MakeTempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "strata-cloud-XXXXXX").string();
  return ::mkdtemp(name.data()) == nullptr ? std::string() : name;
}

std::uint32_t Crc32(ByteSpan bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

void Append(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

/// The fields that a local header and a directory entry share.
void AppendZipFields(std::vector<std::uint8_t>& out, const std::string& name, ByteSpan data) {
  const auto size = static_cast<std::uint32_t>(data.size());
  Append(out, 20, 2);    // version needed
  Append(out, 0, 2);     // flags
  Append(out, 0, 2);     // stored
  Append(out, 0, 2);     // time
  Append(out, 0x21, 2);  // 1980-01-01
  Append(out, Crc32(data), 4);
  Append(out, size, 4);
  Append(out, size, 4);
  Append(out, static_cast<std::uint32_t>(name.size()), 2);
  Append(out, 0, 2);  // extra
}

std::vector<std::uint8_t> PageKey() {
  return std::vector<std::uint8_t>(32, 0x5A);
}

}  // namespace

TestWorld::TestWorld()
    : dir(MakeTempDir()), signing_key(std::move(bundle::PrivateKey::Generate()).value()) {
  store = std::make_unique<TestStore>(
      std::move(OpenSqliteStore({.path = dir + "/strata.db", .readers = 2})).value());
  blobs = std::make_unique<TestBlobs>(std::move(OpenFileBlobs(dir)).value());
  service = std::make_unique<Service>(Service::Ports{.store = store.get(),
                                                     .blobs = blobs.get(),
                                                     .signals = &signals,
                                                     .clock = &clock,
                                                     .random = &random,
                                                     .sealer = sealer.get(),
                                                     .audit_key = &audit_key},
                                      PageKey());
  auto first = service->CreateAccount("ours");
  account = first->first;
  token = first->second;
  stranger = service->CreateAccount("theirs")->first;
  EXPECT_TRUE(service->RegisterKey(*account, signing_key.public_key(), "release").ok());
}

TestWorld::~TestWorld() {
  service.reset();
  store.reset();
  blobs.reset();
  std::filesystem::remove_all(dir);
}

bundle::CreatedBundle TestWorld::MakeBundle(const BundleOptions& options) {
  bundle::CreateRequest request;
  request.profile = FindHardwareProfile(options.hardware);
  bundle::Image image;
  image.bytes.resize(options.image_bytes);
  for (std::size_t i = 0; i < image.bytes.size(); ++i) {
    image.bytes[i] = static_cast<std::uint8_t>(options.fill + i / 8192);
  }
  request.image = std::move(image);
  request.layer_bytes = options.layer_bytes;
  request.signing_key = options.signing_key;
  request.policies.app_version = options.app_version;
  std::optional<bundle::PrivateKey> layer_key;
  if (options.encrypted) {
    layer_key.emplace(std::move(bundle::PrivateKey::Generate()).value());
    request.layer_key = bundle::LayerKey{layer_key->public_key(), &*layer_key};
  }
  auto created = bundle::CreateBundle(request, 1);
  EXPECT_TRUE(created.ok());
  return std::move(created).value();
}

bundle::CreatedBundle TestWorld::SignedBundle(std::uint8_t fill) const {
  return MakeBundle({.signing_key = &signing_key, .fill = fill});
}

ApiResult<CreatedApp> TestWorld::UploadZip(const Account& owner,
                                           ByteSpan zip,
                                           std::optional<std::string> unique_name,
                                           std::optional<std::string> idempotency_key) {
  const std::string path = dir + "/upload-" + std::to_string(next_upload_++);
  std::ofstream(path, std::ios::binary) << AsText(zip);
  auto result = service->CreateApp(owner,
                                   {.path = path,
                                    .size_bytes = zip.size(),
                                    .unique_name = std::move(unique_name),
                                    .idempotency_key = std::move(idempotency_key)});
  std::filesystem::remove(path);
  return result;
}

App TestWorld::MakeApp(std::uint8_t fill, std::optional<std::string> unique_name) {
  auto created = UploadZip(*account, SignedBundle(fill).zip, std::move(unique_name));
  EXPECT_TRUE(created.ok()) << created.error().message;
  return created->app;
}

TestWorld::TestDevice TestWorld::MakeDevice(std::optional<std::string> unique_name) {
  auto key = std::move(bundle::PrivateKey::Generate()).value();
  auto made = service->ProvisionDevice(*account,
                                       {.public_key = key.public_key(),
                                        .unique_name = std::move(unique_name),
                                        .hardware_type = "stm32u585"});
  EXPECT_TRUE(made.ok()) << made.error().message;
  auto identity = service->IdentifyDevice(bundle::PublicKeyFingerprint(key.public_key()));
  EXPECT_TRUE(identity.ok());
  return {made->device, *identity, std::move(key)};
}

Device TestWorld::Deploy(const TestDevice& device, const App& app) {
  auto updated = service->UpdateDevice(
      *account, device.resource.sid.text(), {.target_app = std::string(app.sid.text())});
  EXPECT_TRUE(updated.ok()) << updated.error().message;
  return *updated;
}

Device TestWorld::Fetch(const TestDevice& device) {
  return *service->FetchDevice(*account, device.resource.sid.text());
}

std::size_t TestWorld::BlobCount() const {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir + "/blobs")) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

std::vector<std::uint8_t> WriteStoredZip(
    const std::vector<std::pair<std::string, std::vector<std::uint8_t>>>& entries) {
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> directory;
  for (const auto& [name, data] : entries) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    Append(out, 0x04034b50, 4);
    AppendZipFields(out, name, data);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), data.begin(), data.end());
    Append(directory, 0x02014b50, 4);
    Append(directory, 20, 2);  // made by
    AppendZipFields(directory, name, data);
    Append(directory, 0, 2);  // comment
    Append(directory, 0, 2);  // disk
    Append(directory, 0, 2);  // internal attributes
    Append(directory, 0, 4);  // external attributes
    Append(directory, offset, 4);
    directory.insert(directory.end(), name.begin(), name.end());
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  out.insert(out.end(), directory.begin(), directory.end());
  Append(out, 0x06054b50, 4);
  Append(out, 0, 4);  // disks
  Append(out, static_cast<std::uint32_t>(entries.size()), 2);
  Append(out, static_cast<std::uint32_t>(entries.size()), 2);
  Append(out, static_cast<std::uint32_t>(directory.size()), 4);
  Append(out, start, 4);
  Append(out, 0, 2);  // comment
  return out;
}

std::vector<std::uint8_t> HandMadeBundle(
    const bundle::PrivateKey& key,
    const std::function<void(bundle::AppBody&)>& edit,
    const std::function<void(bundle::SealedManifest&)>& edit_signed) {
  const std::vector<std::uint8_t> layer(8192, 0x42);
  const Digest digest = bundle::Sha256(layer);
  bundle::AppBody body;
  body.hardware_type = "stm32u585";
  body.layers.push_back({.placement = {Medium::kInternal, 0, 8192},
                         .fetch_digest = digest,
                         .measurement_digest = digest,
                         .plaintext_bytes = 8192,
                         .fetch_bytes = 8192});
  edit(body);
  bundle::SealedManifest manifest;
  manifest.signer = bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key());
  manifest.body = bundle::SerializeBody(body);
  manifest.signature = key.Sign(bundle::kManifestPrefix, manifest.body).value();
  edit_signed(manifest);
  const auto hex = digest.ToHexText();
  return WriteStoredZip({{std::string(hex.data(), hex.size()), layer},
                         {"manifest", bundle::SerializeManifest(manifest)}});
}

wire::ReceiptBody ReceiptFor(const Device& device, std::uint64_t counter, wire::Verdict verdict) {
  return wire::ReceiptBody{.device = device.sid,
                           .deployment_id = device.app.deployment_id.value_or(wire::DeploymentId{}),
                           .manifest_hash = device.app.target_hash.value_or(Digest{}),
                           .body_hash = std::nullopt,
                           .counter = counter,
                           .boot_count = 1,
                           .verdict = verdict,
                           .error = {}};
}

std::vector<std::uint8_t> SignReceipt(const wire::ReceiptBody& body,
                                      const bundle::PrivateKey& key) {
  std::vector<std::uint8_t> bytes(wire::kMaxReceiptBodyBytes);
  bytes.resize(wire::Encode(body, bytes).value());
  const Signature signature = key.Sign(bundle::kReceiptPrefix, bytes).value();
  std::vector<std::uint8_t> out(wire::kMaxReceiptBytes);
  out.resize(wire::Encode(wire::Receipt{bytes, signature}, out).value());
  return out;
}

std::vector<std::uint8_t> EncodeReport(const wire::Report& report) {
  std::vector<std::uint8_t> out(wire::kMaxReportBytes);
  out.resize(wire::Encode(report, out).value());
  return out;
}

}  // namespace strata::cloud
