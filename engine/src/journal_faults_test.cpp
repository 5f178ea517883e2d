// SPDX-License-Identifier: Apache-2.0
// Power cuts at every operation, places that take no record, failing reads, damaged units.
#include "journal_world_test.hpp"

namespace strata::engine {
namespace {

using sim::Cut;
using sim::CutKind;

TEST_F(JournalTest, CutAtEveryOperation_GivesOldOrNewStateForGood) {
  for (std::uint64_t operation = 0; operation < 240; ++operation) {
    for (const CutKind kind : {CutKind::kBefore, CutKind::kInside, CutKind::kAfter}) {
      flash_.Load(sim::SimFlash("blank", Geometry(), power_).Save());
      power_.Plan(std::nullopt, operation);
      std::uint32_t noted = 0;
      {
        Journal journal = Make();
        ASSERT_TRUE(journal.Open().ok());
        power_.Plan(Cut{operation, kind}, operation);
        while (journal.Append(RecordType::kRestart, BigEndian(noted + 1)).ok()) {
          ++noted;
        }
      }
      power_.Restore();
      Journal journal = Make();
      ASSERT_TRUE(journal.Open().ok());
      const std::uint32_t found = journal.state().restart_counter;
      EXPECT_TRUE(found == noted || found == noted + 1) << operation << " " << sim::NameOf(kind);
      EXPECT_EQ(LoadFresh().restart_counter, found);
      EXPECT_EQ(journal.state().last_error.code, Code::kOk);
    }
  }
}

// A boot erases a unit (operation 0), writes a snapshot (1) and counts itself (2).
TEST_F(JournalTest, BootsInARowCutAnywhere_LoseNothing) {
  using enum CutKind;
  const std::vector<std::vector<Cut>> rows = {
      // The boot's record reads well once, so the next one erases what was before it.
      {{2, kSeemsDone}, {0, kInside}},
      {{2, kSeemsDone}, {0, kSeemsUndone}},
      {{2, kSeemsDone}, {0, kSeemsUndone}, {0, kInside}},
      {{2, kSeemsUndone}, {0, kSeemsUndone}, {0, kInside}},
      {{2, kSeemsUndone}, {0, kInside}, {0, kSeemsDone}},
      {{2, kInside}, {0, kSeemsUndone}, {0, kSeemsDone}},
      {{1, kSeemsDone}, {0, kSeemsUndone}, {0, kSeemsDone}},
      {{1, kSeemsDone}, {1, kSeemsDone}, {1, kSeemsDone}},
  };
  constexpr std::uint64_t kRounds = 400;
  const sim::SimFlash::Image blank = sim::SimFlash("blank", Geometry(), power_).Save();
  for (std::uint64_t i = 0; i < rows.size() * kRounds; ++i) {
    flash_.Load(blank);
    power_.Plan(std::nullopt, i);
    {
      Journal journal = Make();
      ASSERT_TRUE(journal.Open().ok());
      for (std::uint32_t n = 1; n <= 4; ++n) {
        ASSERT_TRUE(journal.Append(RecordType::kRestart, BigEndian(n)).ok());
      }
    }
    for (const Cut& cut : rows[i / kRounds]) {
      power_.Plan(cut, i);
      Journal journal = Make();
      EXPECT_FALSE(journal.Open().ok());
      power_.Restore();
    }
    power_.Plan(std::nullopt, i + 1);
    Journal journal = Make();
    // Flash that reads well once and not again may cost another try.
    const bool opened = journal.Open().ok() || journal.Open().ok() || journal.Open().ok();
    EXPECT_TRUE(opened) << i;
    EXPECT_EQ(journal.state().restart_counter, 4U) << i;
  }
}

TEST_F(JournalTest, CutDuringBoots_LosesNothing) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    flash_.Load(sim::SimFlash("blank", Geometry(), power_).Save());
    power_.Plan(std::nullopt, seed);
    {
      Journal journal = Make();
      ASSERT_TRUE(journal.Open().ok());
      ASSERT_TRUE(journal.Append(RecordType::kRestart, BigEndian(std::uint32_t{77})).ok());
    }
    for (std::uint64_t cut = 0; cut < 9; ++cut) {
      power_.Plan(Cut{cut % 3, static_cast<CutKind>(cut / 3)}, seed * 100 + cut);
      Journal journal = Make();
      EXPECT_FALSE(journal.Open().ok());
      power_.Restore();
    }
    Journal journal = Make();
    ASSERT_TRUE(journal.Open().ok());
    EXPECT_EQ(journal.state().restart_counter, 77U) << seed;
  }
}

TEST_F(JournalTest, PlaceThatTakesNoRecord_MovesToOtherUnit) {
  Journal journal = Make();
  ASSERT_TRUE(journal.Open().ok());
  flash_.FailCall(0);
  ASSERT_TRUE(journal.Append(RecordType::kRestart, BigEndian(std::uint32_t{5})).ok());
  ASSERT_TRUE(journal.Append(RecordType::kRestart, BigEndian(std::uint32_t{6})).ok());
  EXPECT_EQ(LoadFresh().restart_counter, 6U);
}

TEST_F(JournalTest, OneFailedRead_ForgetsNothing) {
  {
    Journal journal = Make();
    ASSERT_TRUE(journal.Open().ok());
    GoodUpdate(journal, 0, 1);
  }
  const JournalState expected = LoadFresh();
  for (std::uint64_t n = 0; n < 20; ++n) {
    flash_.FailCall(n);
    EXPECT_EQ(LoadFresh(), expected) << n;
  }
}

TEST_F(JournalTest, BothUnitsDamaged_StartsOverWithItsOwnCode) {
  {
    Journal journal = Make();
    ASSERT_TRUE(journal.Open().ok());
    Journal again = Make();
    ASSERT_TRUE(again.Open().ok());
  }
  const std::uint32_t start = SecureLayout::For(Geometry()).journal_start;
  flash_.Corrupt(start + 20, 1);
  flash_.Corrupt(start + 8192 + 20, 1);
  const JournalState state = LoadFresh();
  EXPECT_EQ(state.last_error.code, Code::kJournalCorrupt);
  EXPECT_FALSE(state.has_current());
  EXPECT_EQ(ReadSnapshot(flash_, crypto_).error().code, Code::kJournalCorrupt);
}

}  // namespace
}  // namespace strata::engine
