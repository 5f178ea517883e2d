// SPDX-License-Identifier: Apache-2.0
// Layers, as a device gets them.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strata/format/wire/wire.hpp"

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

class DeviceLayers : public ServerWorld {};

TEST_F(DeviceLayers, OfTheTarget_ComeWholeAndInRanges) {
  const auto bundle = world.SignedBundle();
  const std::string app = MakeApp();
  const auto device = Provision();
  const auto client = Device(device.identity);
  std::string layer;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.dir + "/blobs")) {
    if (entry.is_regular_file()) {
      layer = entry.path().parent_path().filename().string() + entry.path().filename().string();
    }
  }
  const std::string path = "/device/v1/layers/" + layer;
  EXPECT_EQ(client->Ask(Get(path)).status, 404) << "not its target yet";
  ASSERT_EQ(Deploy(device.sid, app).status, 200);
  const auto whole = client->Ask(Get(path));
  ASSERT_EQ(whole.status, 200);
  EXPECT_EQ(whole.Header("cache-control"), "private, immutable");
  const auto part = client->Ask(Get(path, "Range: bytes=100-199\r\n"));
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.Header("content-range"), "bytes 100-199/" + std::to_string(whole.body.size()));
  EXPECT_EQ(part.body, whole.body.substr(100, 100));
  const auto tail = client->Ask(Get(path, "Range: bytes=100-\r\n"));
  EXPECT_EQ(tail.body, whole.body.substr(100));
  const auto outside =
      client->Ask(Get(path, "Range: bytes=" + std::to_string(whole.body.size()) + "-\r\n"));
  EXPECT_EQ(outside.status, 416);
  EXPECT_EQ(outside.Header("content-range"), "bytes */" + std::to_string(whole.body.size()));
}

TEST_F(DeviceLayers, ReadSlowlyByManyAtOnce_ComeWhole) {
  // More than socket buffers take, so that sends stop anywhere in a layer while others go on.
  constexpr std::uint32_t kLayerBytes = 256 * 1024;
  constexpr int kTimes = 60;

  struct Reader {
    std::unique_ptr<TestClient> client;
    std::string content;
  };

  std::vector<Reader> readers;
  for (std::uint8_t fill = 1; fill <= 4; ++fill) {
    const auto bundle = TestWorld::MakeBundle({.signing_key = &world.signing_key,
                                               .fill = static_cast<std::uint8_t>(fill * 40),
                                               .layer_bytes = kLayerBytes,
                                               .image_bytes = kLayerBytes});
    const auto uploaded = People()->Ask(UploadRequest(AsText(bundle.zip)));
    ASSERT_EQ(uploaded.status, 201) << uploaded.body;
    const auto device = Provision();
    ASSERT_EQ(Deploy(device.sid, JsonText(ParseJson(uploaded.body), "sid")).status, 200);
    std::string content;
    for (std::uint32_t i = 0; i < kLayerBytes; ++i) {
      content.push_back(static_cast<char>(fill * 40 + i / 8192));
    }
    const auto digest = bundle::Sha256(AsBytes(content)).ToHexText();
    const std::string path = "/device/v1/layers/" + std::string(digest.data(), digest.size());
    readers.push_back({Device(device.identity), std::move(content)});
    std::string requests;
    for (int i = 0; i < kTimes; ++i) {
      requests += Get(path);
    }
    ASSERT_TRUE(readers.back().client->Send(requests));
  }
  for (int i = 0; i < kTimes; ++i) {
    for (const Reader& reader : readers) {
      const TestResponse answer = reader.client->Receive();
      ASSERT_EQ(answer.status, 200);
      ASSERT_TRUE(answer.body == reader.content) << "answer " << i;
    }
  }
}

TEST_F(DeviceLayers, OfAnotherDevice_AreNotFound) {
  const std::string app = MakeApp();
  const auto mine = Provision();
  const auto other = Provision();
  ASSERT_EQ(Deploy(mine.sid, app).status, 200);
  const auto desired =
      wire::DecodeDesiredState(AsBytes(Device(mine.identity)->Ask(Get(kDesired)).body));
  ASSERT_TRUE(desired.ok());
  const auto manifest = People()->Ask(Request("GET", "/v1/Apps/" + app));
  const std::string hash = JsonText(ParseJson(manifest.body), "hash").substr(7);
  EXPECT_EQ(Device(mine.identity)->Ask(Get("/device/v1/manifests/" + hash)).status, 200);
  EXPECT_EQ(Device(other.identity)->Ask(Get("/device/v1/manifests/" + hash)).status, 404);
  EXPECT_EQ(Device(mine.identity)->Ask(Get("/device/v1/manifests/" + hash + "0")).status, 404);
}

}  // namespace
}  // namespace strata::cloud
