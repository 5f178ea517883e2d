// SPDX-License-Identifier: Apache-2.0
/// JournalTest: a journal on simulated flash, with an update's records made up.
#pragma once

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "strata/engine/engine.hpp"
#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/sim_flash.hpp"

#include "journal.hpp"

namespace strata::engine {

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : flash_("secure", Geometry(), power_) {
    EXPECT_TRUE(platform::PsaCrypto::Init().ok());
  }

  static ports::FlashGeometry Geometry() { return {4 * 8192, 16, 8192}; }

  Journal Make() {
    return {flash_, crypto_, SecureLayout::For(flash_.geometry()).journal_start, scratch_};
  }

  JournalState LoadFresh() {
    Journal journal = Make();
    EXPECT_TRUE(journal.Load().ok());
    return journal.state();
  }

  static Acceptance Sample(std::uint8_t slot) {
    std::array<std::uint8_t, 16> sid{};
    sid.fill(static_cast<std::uint8_t>(0xA0 + slot));
    Acceptance acceptance{.slot = slot,
                          .deployment = {AppSid::FromBytes(sid), {}, {}},
                          .body_hash = {},
                          .seed = {},
                          .manifest_bytes = 321};
    acceptance.deployment.id.fill(slot);
    acceptance.deployment.manifest_hash.bytes.fill(0x11);
    acceptance.body_hash.bytes.fill(0x22);
    acceptance.seed.fill(0x33);
    return acceptance;
  }

  static Status Accept(Journal& journal, std::uint8_t slot) {
    std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
    const std::size_t size = EncodeAcceptance(Sample(slot), payload);
    return journal.Append(RecordType::kAccepted, ByteSpan(payload).first(size));
  }

  static Status Conclude(Journal& journal,
                         RecordType type,
                         std::uint64_t counter,
                         std::uint32_t security = 0) {
    Conclusion conclusion;
    conclusion.verdict =
        type == RecordType::kConfirmed ? wire::Verdict::kConfirmed : wire::Verdict::kFailed;
    conclusion.deployment_id.fill(9);
    conclusion.counter = counter;
    if (type != RecordType::kConfirmed) {
      conclusion.error = Fail(Code::kLayerHashMismatch, Op::kFetchLayer, 3);
    }
    std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
    const std::size_t size = EncodeConclusion(conclusion, security, payload);
    return journal.Append(type, ByteSpan(payload).first(size));
  }

  static void GoodUpdate(Journal& journal, std::uint8_t slot, std::uint64_t counter) {
    ASSERT_TRUE(Accept(journal, slot).ok());
    ASSERT_TRUE(journal.Append(RecordType::kStaged, {}).ok());
    ASSERT_TRUE(journal.Append(RecordType::kApplying, {}).ok());
    ASSERT_TRUE(journal.Append(RecordType::kTrial, {}).ok());
    ASSERT_TRUE(Conclude(journal, RecordType::kConfirmed, counter, 4).ok());
  }

  sim::Power power_;
  sim::SimFlash flash_;
  platform::PsaCrypto crypto_;
  std::array<std::uint8_t, kJournalScratchBytes> scratch_{};
};

}  // namespace strata::engine
