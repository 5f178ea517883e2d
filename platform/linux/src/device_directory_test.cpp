// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/device_directory.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "strata/engine/flash_key_store.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "credentials_for_test.hpp"
#include "pem_keys.hpp"

namespace strata::device {
namespace {

using ::testing::HasSubstr;

class DeviceDirectoryTest : public ::testing::Test {
 protected:
  DeviceDirectoryTest() {
    EXPECT_TRUE(platform::PsaCrypto::Init().ok());
    dir_.Write("device.conf",
               "version=1\nsid=UV0123456789abcdef0123456789abcdef\n"
               "device_url=https://127.0.0.1:1\nhardware=stm32u585\ndevelopment=no\n");
    MakeAuthority(dir_, "authority");
    MakeCertificate(dir_, "identity", "authority");
    std::filesystem::rename(dir_.path() / "authority.crt", dir_.path() / "ca.pem");
    for (const char* folder : {"seed/signers", "seed/layer-keys", "seed/rotation"}) {
      std::filesystem::create_directories(dir_.path() / folder);
    }
    MakeKey(dir_, "signer");
    MakeKey(dir_, "layer");
    std::filesystem::rename(dir_.path() / "signer.pub", dir_.path() / "seed/signers/one.pem");
    std::filesystem::rename(dir_.path() / "layer.pem", dir_.path() / "seed/layer-keys/one.pem");
  }

  DeviceDirectory Open() {
    auto directory = DeviceDirectory::Open(dir_.path());
    EXPECT_TRUE(directory.ok());
    return std::move(directory).value();
  }

  Code IdentityError() {
    Secret<32> key;
    const Outcome loaded = Open().LoadIdentity(key.bytes());
    return loaded.ok() ? Code::kOk : loaded.failure().error.code;
  }

  KeyId IdOf(KeyType type, const PublicKey& key) {
    const auto tag = BigEndian(static_cast<std::uint16_t>(type));
    ports::HashState state;
    Digest digest;
    EXPECT_TRUE(crypto_.HashStart(state).ok() && crypto_.HashUpdate(state, tag).ok() &&
                crypto_.HashUpdate(state, key).ok() && crypto_.HashFinish(state, digest).ok());
    return KeyIdFromDigest(digest);
  }

  void ExpectKeysStored() {
    auto secure = Open().OpenSecureFlash(FileFlash::Access::kReadOnly);
    ASSERT_TRUE(secure.ok());
    engine::FlashKeyStore store(**secure, crypto_);
    const auto signer = ReadPublicKeyPem(dir_.path() / "seed/signers/one.pem");
    const auto layer = ReadPublicKeyPem(dir_.path() / "layer.pub");
    ASSERT_TRUE(signer.ok() && layer.ok());
    const auto found = store.FindSigner(IdOf(KeyType::kManifestSigner, *signer));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, *signer);
    const auto opener = store.FindLayerKey(IdOf(KeyType::kLayer, *layer));
    ASSERT_TRUE(opener.ok());
    EXPECT_EQ(*opener, *layer);
  }

  TempDir dir_;
  platform::PsaCrypto crypto_;
};

TEST_F(DeviceDirectoryTest, Open_OfAFolderThatIsNone_SaysHowToMakeOne) {
  const TempDir empty;
  const auto directory = DeviceDirectory::Open(empty.path());
  ASSERT_FALSE(directory.ok());
  EXPECT_THAT(directory.failure().message, HasSubstr("strata devices provision"));
}

TEST_F(DeviceDirectoryTest, Format_OfANewDevice_StoresItsKeysAndErasedMedia) {
  const DeviceDirectory directory = Open();
  EXPECT_FALSE(directory.IsFormatted());
  ASSERT_TRUE(directory.Format(crypto_).ok());
  EXPECT_TRUE(directory.IsFormatted());
  ExpectKeysStored();
  auto flash = directory.OpenFlash(FileFlash::Access::kReadWrite);
  ASSERT_TRUE(flash.ok());
  EXPECT_EQ(flash->internal->geometry().size_bytes, directory.profile().internal_bytes);
  EXPECT_EQ(flash->external->geometry().size_bytes, directory.profile().external_bytes);
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir_.path() / "flash")) {
    struct stat info {};

    ASSERT_EQ(::stat(file.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ++files;
  }
  EXPECT_EQ(files, 3);
}

TEST_F(DeviceDirectoryTest, Format_KilledAtAnyMoment_IsFinishedByTheNextRun) {
  for (int delay_us = 0; delay_us < 20'000; delay_us += 500) {
    std::filesystem::remove_all(dir_.path() / "flash");
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(Open().Format(crypto_).ok() ? 0 : 1);
    }
    ::usleep(static_cast<useconds_t>(delay_us));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    if (!Open().IsFormatted()) {
      ASSERT_TRUE(Open().Format(crypto_).ok());
    }
    ASSERT_TRUE(Open().OpenFlash(FileFlash::Access::kReadWrite).ok()) << delay_us;
    ExpectKeysStored();
  }
}

TEST_F(DeviceDirectoryTest, Format_OfAFleetsDevice_StoresItsPlaceAndReceiver) {
  MakeKey(dir_, "receiver");
  std::filesystem::rename(dir_.path() / "receiver.pem", dir_.path() / "seed/receiver.pem");
  dir_.Write("seed/fleet.conf",
             "fleet_id=00112233445566778899aabbccddeeff\nsequence=3\nlast_hash=" +
                 std::string(64, 'a') + "\n");
  ASSERT_TRUE(Open().Format(crypto_).ok());
  ExpectKeysStored();
  auto secure = Open().OpenSecureFlash(FileFlash::Access::kReadOnly);
  ASSERT_TRUE(secure.ok());
  const auto position = engine::FlashKeyStore(**secure, crypto_).Position();
  ASSERT_TRUE(position.ok());
  EXPECT_EQ(position->fleet[1], 0x11);
  EXPECT_EQ(position->sequence, 3U);
  EXPECT_EQ(position->last_hash.bytes[0], 0xAA);
  PrivateKey receiver{};
  ASSERT_TRUE(ReadPrivateKeyPem(dir_.path() / "seed/receiver.pem", receiver).ok());
  const std::string flash = dir_.Read("flash/secure.bin");
  EXPECT_NE(flash.find(AsText(receiver)), std::string::npos);
}

TEST_F(DeviceDirectoryTest, Format_WithAFleetThatCannotBeRead_IsRefused) {
  dir_.Write("seed/fleet.conf", "fleet_id=1\n");
  EXPECT_EQ(Open().Format(crypto_).failure().error.code, Code::kMalformed);
  std::filesystem::remove(dir_.path() / "seed/fleet.conf");
  MakeKey(dir_, "receiver");
  std::filesystem::rename(dir_.path() / "receiver.pem", dir_.path() / "seed/receiver.pem");
  ASSERT_EQ(::chmod((dir_.path() / "seed/receiver.pem").c_str(), 0640), 0);
  EXPECT_EQ(Open().Format(crypto_).failure().error.code, Code::kPermission);
  EXPECT_FALSE(Open().IsFormatted());
}

TEST_F(DeviceDirectoryTest, Format_WithoutSigner_IsRefusedAndLeavesNoMark) {
  std::filesystem::remove(dir_.path() / "seed/signers/one.pem");
  const Outcome formatted = Open().Format(crypto_);
  ASSERT_FALSE(formatted.ok());
  EXPECT_THAT(formatted.failure().message, HasSubstr("signer"));
  EXPECT_FALSE(Open().IsFormatted());
}

TEST_F(DeviceDirectoryTest, Format_WithALayerKeyOpenToOthers_IsRefused) {
  ASSERT_EQ(::chmod((dir_.path() / "seed/layer-keys/one.pem").c_str(), 0644), 0);
  const Outcome formatted = Open().Format(crypto_);
  ASSERT_FALSE(formatted.ok());
  EXPECT_EQ(formatted.failure().error.code, Code::kPermission);
}

TEST_F(DeviceDirectoryTest, OpenFlash_WithSecureFlashOpenToOthers_IsRefused) {
  ASSERT_TRUE(Open().Format(crypto_).ok());
  ASSERT_EQ(::chmod((dir_.path() / "flash/secure.bin").c_str(), 0644), 0);
  const auto flash = Open().OpenFlash(FileFlash::Access::kReadWrite);
  ASSERT_FALSE(flash.ok());
  EXPECT_EQ(flash.failure().error.code, Code::kPermission);
}

TEST_F(DeviceDirectoryTest, Lock_HeldElsewhere_IsRefusedUntilItsHolderEnds) {
  auto first = Open().Lock();
  ASSERT_TRUE(first.ok());
  const auto second = Open().Lock();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.failure().error.code, Code::kAlreadyExists);
  first->Reset();
  EXPECT_TRUE(Open().Lock().ok());
}

TEST_F(DeviceDirectoryTest, LoadIdentity_OfMatchingFiles_Succeeds) {
  EXPECT_EQ(IdentityError(), Code::kOk);
}

TEST_F(DeviceDirectoryTest, LoadIdentity_OpenToOthers_IsRefused) {
  ASSERT_EQ(::chmod((dir_.path() / "identity.pem").c_str(), 0604), 0);
  EXPECT_EQ(IdentityError(), Code::kPermission);
}

TEST_F(DeviceDirectoryTest, LoadIdentity_WithAnotherDevicesCertificate_IsRefused) {
  MakeAuthority(dir_, "other");
  std::filesystem::rename(dir_.path() / "other.crt", dir_.path() / "identity.crt");
  EXPECT_EQ(IdentityError(), Code::kKeyInvalid);
}

TEST_F(DeviceDirectoryTest, LoadIdentity_WithoutOrWithTwoAuthorities_IsRefused) {
  dir_.Write("ca.pem", dir_.Read("ca.pem") + dir_.Read("ca.pem"));
  EXPECT_EQ(IdentityError(), Code::kKeyInvalid);
  std::filesystem::remove(dir_.path() / "ca.pem");
  EXPECT_EQ(IdentityError(), Code::kNotFound);
}

}  // namespace
}  // namespace strata::device
