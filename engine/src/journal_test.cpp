// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>
#include <string>

#include "journal_world_test.hpp"

namespace strata::engine {
namespace {

std::string ReadSpec() {
  std::ifstream file(STRATA_SOURCE_DIR "/docs/spec/journal.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_F(JournalTest, NeverUsed_IsEmptyWithoutError) {
  EXPECT_EQ(LoadFresh(), JournalState());
}

TEST_F(JournalTest, Open_CountsBoots) {
  for (std::uint32_t boot = 1; boot <= 5; ++boot) {
    Journal journal = Make();
    ASSERT_TRUE(journal.Open().ok());
    EXPECT_EQ(journal.state().boot_count, boot);
  }
}

TEST_F(JournalTest, GoodUpdate_IsReadBackAfterBoot) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  const JournalState state = LoadFresh();
  EXPECT_EQ(state, journal.state());
  EXPECT_EQ(state.current_slot, 0);
  EXPECT_EQ(state.update_slot, kNoSlot);
  EXPECT_EQ(state.security_counter, 4U);
  EXPECT_EQ(state.slots[0].manifest_bytes, 321);
  ASSERT_TRUE(state.receipt.has_value());
  EXPECT_EQ(state.receipt->counter, 1U);
}

TEST_F(JournalTest, SecondUpdateConfirmed_FormerSlotLosesItsSeed) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  GoodUpdate(journal, 1, 2);
  EXPECT_FALSE(journal.state().slots[0].deployment.has_value());
  EXPECT_EQ(journal.state().slots[0].seed, SlotState().seed);
  EXPECT_EQ(journal.state().current_slot, 1);
}

TEST_F(JournalTest, Failed_KeepsCurrentAppAndQuarantines) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  ASSERT_TRUE(Accept(journal, 1).ok());
  ASSERT_TRUE(Conclude(journal, RecordType::kFailed, 2).ok());
  const JournalState state = LoadFresh();
  EXPECT_EQ(state.current_slot, 0);
  EXPECT_EQ(state.phase, Phase::kIdle);
  ASSERT_TRUE(state.quarantine.has_value());
  EXPECT_EQ(state.last_error.code, Code::kLayerHashMismatch);
  EXPECT_EQ(state.last_error.detail, 3U);
}

TEST_F(JournalTest, Forgotten_LeavesNoCurrentAppAndNoSeed) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  ASSERT_TRUE(Accept(journal, 1).ok());
  EXPECT_EQ(journal.Append(RecordType::kForgotten, {}).error().code, Code::kJournalCorrupt)
      << "only while reverting";
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t size = EncodeError(Fail(Code::kAppCrashed, Op::kConfirm), payload);
  ASSERT_TRUE(journal.Append(RecordType::kReverting, ByteSpan(payload).first(size)).ok());
  ASSERT_TRUE(journal.Append(RecordType::kForgotten, {}).ok());
  JournalState state = LoadFresh();
  EXPECT_EQ(state, journal.state());
  EXPECT_FALSE(state.has_current());
  EXPECT_EQ(state.phase, Phase::kReverting);
  EXPECT_EQ(state.slots[0], SlotState());
  EXPECT_FALSE(journal.Append(RecordType::kForgotten, {}).ok());
  ASSERT_TRUE(Conclude(journal, RecordType::kReverted, 2).ok());
  state = LoadFresh();
  EXPECT_FALSE(state.has_current() || state.has_update());
}

TEST_F(JournalTest, SecurityCounter_NeverGoesBack) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  ASSERT_TRUE(Accept(journal, 1).ok());
  ASSERT_TRUE(Conclude(journal, RecordType::kConfirmed, 2, 0).ok());
  EXPECT_EQ(journal.state().security_counter, 4U);
}

TEST_F(JournalTest, ReceiptStored_ClearsOnlyThatReceipt) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 5);
  ASSERT_TRUE(journal.Append(RecordType::kReceiptStored, BigEndian(std::uint64_t{4})).ok());
  EXPECT_TRUE(journal.state().receipt.has_value());
  ASSERT_TRUE(journal.Append(RecordType::kReceiptStored, BigEndian(std::uint64_t{5})).ok());
  EXPECT_FALSE(journal.state().receipt.has_value());
  EXPECT_EQ(journal.state().receipt_counter, 5U);
}

TEST_F(JournalTest, AcceptedIntoCurrentSlot_IsRefused) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  GoodUpdate(journal, 0, 1);
  EXPECT_EQ(Accept(journal, 0).error().code, Code::kJournalCorrupt);
  EXPECT_EQ(LoadFresh(), journal.state());
}

TEST_F(JournalTest, RecordOutOfOrder_IsRefusedAndNotWritten) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  const JournalState before = journal.state();
  EXPECT_EQ(journal.Append(RecordType::kApplying, {}).error().code, Code::kJournalCorrupt);
  EXPECT_EQ(journal.Append(RecordType::kConfirmed, {}).error().code, Code::kJournalCorrupt);
  EXPECT_EQ(journal.state(), before);
  EXPECT_EQ(LoadFresh(), before);
}

TEST_F(JournalTest, ThousandRecords_UnitsTakeTurns) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    ASSERT_TRUE(journal.Append(RecordType::kRestart, BigEndian(i)).ok());
  }
  EXPECT_EQ(LoadFresh().restart_counter, 1000U);
  EXPECT_EQ(LoadFresh().boot_count, 1U);
  EXPECT_GT(flash_.wear().erased_units, 3U);
}

// Before the cut's record or after it, never anything else; whatever the boot read must then stay.
TEST_F(JournalTest, Pieces_KeepTheirAttempts) {
  SlotState slot;
  slot.pieces[0] = {2, 1, 5};
  slot.pieces[1] = {2, 3, 9};
  slot.piece_count = 2;
  EXPECT_EQ(slot.AttemptOf(2, 4), 0);
  EXPECT_EQ(slot.AttemptOf(2, 5), 1);
  EXPECT_EQ(slot.AttemptOf(2, 8), 1);
  EXPECT_EQ(slot.AttemptOf(2, 9), 3);
  EXPECT_EQ(slot.AttemptOf(1, 9), 0);
  EXPECT_EQ(slot.LatestPiece(2).attempt, 3);
}

TEST_F(JournalTest, Attempt_ReplacesPiecesBehindIt) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  ASSERT_TRUE(Accept(journal, 0).ok());
  const auto attempt = [&journal](std::uint16_t number, std::uint32_t chunk) {
    std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
    const std::size_t size = EncodeAttempt(0, {1, number, chunk}, payload);
    ASSERT_TRUE(journal.Append(RecordType::kAttempt, ByteSpan(payload).first(size)).ok());
  };
  attempt(1, 10);
  attempt(2, 20);
  attempt(3, 15);
  EXPECT_EQ(journal.state().slots[0].piece_count, 2);
  EXPECT_EQ(journal.state().slots[0].AttemptOf(1, 20), 3);
  EXPECT_EQ(journal.state().slots[0].AttemptOf(1, 14), 1);
  attempt(4, 0);
  EXPECT_EQ(journal.state().slots[0].piece_count, 1);
  EXPECT_EQ(LoadFresh(), journal.state());
}

TEST_F(JournalTest, CanAdd_KeepsRoomForEveryLayer) {
  SlotState slot;
  for (std::uint32_t i = 0; slot.CanAdd(0, i * 10); ++i) {
    slot.pieces[slot.piece_count++] = {0, static_cast<std::uint16_t>(i), i * 10};
  }
  EXPECT_EQ(slot.piece_count, kMaxPiecesPerLayer);
  for (std::uint8_t layer = 1; layer < wire::kMaxLayers; ++layer) {
    for (std::uint32_t i = 0; i < kMaxPiecesPerLayer && slot.CanAdd(layer, i * 10); ++i) {
      slot.pieces[slot.piece_count++] = {layer, static_cast<std::uint16_t>(i), i * 10};
    }
    EXPECT_NE(slot.LatestPiece(layer).attempt + slot.piece_count, 0);
  }
  EXPECT_LE(slot.piece_count, kMaxPieces);
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < slot.piece_count; ++i) {
    seen |= 1U << slot.pieces[i].layer;
  }
  EXPECT_EQ(seen, 0xFFFFFFFFU);
}

TEST_F(JournalTest, FullestSnapshot_FitsItsLimit) {
  JournalState state;
  state.quarantine.emplace();
  state.receipt.emplace();
  for (SlotState& slot : state.slots) {
    slot.deployment = Sample(0).deployment;
    slot.piece_count = kMaxPieces;
    slot.learnt_bytes.fill(1);
  }
  state.current_slot = 0;
  std::array<std::uint8_t, kMaxSnapshotBytes> bytes{};
  const std::size_t size = EncodeSnapshot(state, bytes);
  ASSERT_LE(size, bytes.size());
  JournalState again;
  ASSERT_TRUE(DecodeSnapshot(ByteSpan(bytes).first(size), again).ok());
  EXPECT_EQ(again, state);
  for (std::size_t cut = 0; cut < size; ++cut) {
    EXPECT_FALSE(DecodeSnapshot(ByteSpan(bytes).first(cut), again).ok()) << cut;
  }
}

TEST_F(JournalTest, SpecExample_IsWhatIsWritten) {
  std::array<std::uint8_t, 64> record{};
  const auto size = EncodeRecord(crypto_, {RecordType::kStaged, 7, 2, 0}, {}, 16, record);
  ASSERT_TRUE(size.ok());
  ASSERT_EQ(*size, 32U);
  std::string text;
  for (std::size_t i = 0; i < *size; ++i) {
    std::array<char, 2> digits{};
    ToHex(ByteSpan(record).subspan(i, 1), digits);
    text += std::string(digits.data(), 2) + (i == 15 ? "\n" : i == 31 ? "" : " ");
  }
  EXPECT_NE(ReadSpec().find(text), std::string::npos) << text;
}

TEST_F(JournalTest, SpecTable_NamesEveryRecordType) {
  constexpr std::array kNames = {"Snapshot",
                                 "Accepted",
                                 "Attempt",
                                 "LayerSize",
                                 "Staged",
                                 "Applying",
                                 "Trial",
                                 "Confirmed",
                                 "Reverting",
                                 "Reverted",
                                 "Failed",
                                 "Dropped",
                                 "ReceiptStored",
                                 "Restart",
                                 "Recovering",
                                 "Recovered",
                                 "Booted",
                                 "Forgotten"};
  const std::string spec = ReadSpec();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const std::string row = "| " + std::to_string(i + 1) + " | " + kNames[i] + " |";
    EXPECT_NE(spec.find(row), std::string::npos) << row;
  }
  EXPECT_EQ(static_cast<std::size_t>(RecordType::kForgotten), kNames.size());
}

}  // namespace
}  // namespace strata::engine
