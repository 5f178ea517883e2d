// SPDX-License-Identifier: Apache-2.0
/// Applier: makes the placements hold what a slot says. The one function behind update, resumption,
/// revert, first install and recovery; a slot that is kNoSlot stands for "no app": all internal
/// flash is erased. Role: erases, writes, reads back and measures. Starts nothing, journals
/// nothing; the caller ran the dry run and journalled that placements are about to change. Context:
/// Step() writes or measures at most one erase unit or one chunk. Durability: Done means that every
/// placement was read back right after the last write.
#pragma once

#include "manifest_book.hpp"
#include "progress.hpp"

namespace strata::engine {

class Applier {
 public:
  struct Tools {
    ManifestBook& book;
    SlotStore& store;
    ports::Flash& internal;
    ports::Flash& external;
    ports::Crypto& crypto;
    ports::KeyStore& keys;
    Buffers& buffers;
  };

  explicit Applier(const Tools& tools);

  /// `rewrite_all`: trust no placement that measures right. So after a power cut: what was being
  /// written may read well once and not again.
  void Begin(std::uint8_t slot, bool rewrite_all);

  /// Failed: * kStagingCorrupt and the other codes of SlotVerifier: the slot does not give the app
  /// any more.
  /// * kFlashIo, kMeasurementMismatch: a placement does not take it, after three tries; `detail` is
  /// the position.
  Progress Step();

 private:
  enum class Doing : std::uint8_t { kDecide, kMeasureBefore, kWrite, kTail, kMeasureAfter };

  Result<bool> Advance();
  Status StartWriting();
  Status WritePiece(ByteSpan plain);
  Status EnterUnits(std::uint32_t end);
  Status Flush();
  Result<bool> EraseTail();
  Result<bool> MeasurePiece();
  Progress Retry(const Error& error);
  Progress SweepStep();
  /// Moves sweep_at_ on to the next unit in which no layer is placed.
  Status SkipCovered();
  Progress SweepUnit();

  [[nodiscard]] const manifest::Layer& Spec() const { return tools_.book.layer(); }

  [[nodiscard]] ports::Flash& MediumFlash() const;

  Tools tools_;
  PlainReader reader_;
  RunningHash measured_;
  Doing doing_ = Doing::kDecide;
  std::uint8_t slot_ = kNoSlot;
  bool rewrite_all_ = false;
  std::uint32_t layer_ = 0;
  std::uint32_t at_ = 0;         // within the placement
  std::uint32_t erased_to_ = 0;  // within the placement
  std::uint32_t sweep_at_ = 0;
  std::uint8_t tries_ = 0;
  std::array<std::uint8_t, kMaxProgramUnitBytes> carry_{};
  std::uint32_t carried_ = 0;
};

/// Whether everything on the internal medium measures as the manifest of `slot` says, uncovered
/// flash erased. Uses both buffers. * kStagingCorrupt: it can't be. * kCryptoFailed. * kFlashIo.
Result<bool> InternalMeasuresRight(const Applier::Tools& tools, std::uint8_t slot);

}  // namespace strata::engine
