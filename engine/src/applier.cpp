// SPDX-License-Identifier: Apache-2.0
#include "applier.hpp"

#include <algorithm>

namespace strata::engine {
namespace {

constexpr std::uint8_t kPlacementTries = 3;
constexpr std::uint32_t kMeasurePieceBytes = 4096;

bool IsErased(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0xFF; });
}

/// Whether a layer of `layers`, which stand at the first one, is placed in part of [start, start +
/// size) of the internal medium.
Result<bool> Covered(SlotLayers layers, std::uint32_t start, std::uint32_t size) {
  for (;;) {
    STRATA_TRY_ASSIGN(const bool another, layers.Next());
    if (!another) {
      return false;
    }
    const Placement& placement = layers.layer().placement;
    if (placement.medium == Medium::kInternal &&
        start < placement.start_bytes + placement.size_bytes &&
        placement.start_bytes < start + size) {
      return true;
    }
  }
}

/// Whether [start, start + size) reads as erased; working space is buffers.chunk.
bool ReadsErased(ports::Flash& flash, Buffers& buffers, std::uint32_t start, std::uint32_t size) {
  while (size > 0) {
    const MutableByteSpan piece =
        MutableByteSpan(buffers.chunk).first(std::min<std::size_t>(size, buffers.chunk.size()));
    if (!flash.Read(start, piece) || !IsErased(piece)) {
      return false;
    }
    start += static_cast<std::uint32_t>(piece.size());
    size -= static_cast<std::uint32_t>(piece.size());
  }
  return true;
}

}  // namespace

Applier::Applier(const Tools& tools)
    : tools_(tools),
      reader_(tools.store, tools.crypto, tools.keys, tools.buffers),
      measured_(tools.crypto) {}

void Applier::Begin(std::uint8_t slot, bool rewrite_all) {
  slot_ = slot;
  rewrite_all_ = rewrite_all;
  doing_ = Doing::kDecide;
  layer_ = 0;
  sweep_at_ = 0;
  tries_ = 0;
}

ports::Flash& Applier::MediumFlash() const {
  return Spec().placement.medium == Medium::kInternal ? tools_.internal : tools_.external;
}

Progress Applier::Step() {
  if (slot_ != kNoSlot) {
    const auto loaded = tools_.book.Load(slot_, layer_);
    if (!loaded.ok()) {
      return Progress::Failed(Error{loaded.error().code, Op::kApply, 0});
    }
  }
  if (slot_ == kNoSlot || layer_ == tools_.book.app().layer_count) {
    return SweepStep();
  }
  const auto finished = Advance();
  if (!finished.ok()) {
    return Retry(finished.error());
  }
  if (*finished) {
    ++layer_;
    tries_ = 0;
    doing_ = Doing::kDecide;
  }
  return Progress::More();
}

Progress Applier::Retry(const Error& error) {
  const bool of_placement =
      error.code == Code::kFlashIo || error.code == Code::kMeasurementMismatch ||
      error.code == Code::kFlashNotErased || error.code == Code::kCryptoFailed;
  if (!of_placement || ++tries_ >= kPlacementTries) {
    return Progress::Failed(Error{error.code, Op::kApply, layer_});
  }
  doing_ = Doing::kDecide;
  rewrite_all_ = true;
  return Progress::More();
}

Result<bool> Applier::Advance() {
  switch (doing_) {
    case Doing::kDecide:
      at_ = 0;
      STRATA_TRY(measured_.Start());
      if (rewrite_all_) {
        STRATA_TRY(StartWriting());
      } else {
        doing_ = Doing::kMeasureBefore;
      }
      return false;
    case Doing::kMeasureBefore: {
      const auto right = MeasurePiece();
      if (right.ok() && *right) {
        return true;
      }
      if (!right.ok() || at_ == Spec().placement.size_bytes) {
        STRATA_TRY(StartWriting());
      }
      return false;
    }
    case Doing::kWrite: {
      STRATA_TRY_ASSIGN(const ByteSpan plain, reader_.Next());
      if (plain.empty()) {
        STRATA_TRY(Flush());
        doing_ = Doing::kTail;
        return false;
      }
      STRATA_TRY(WritePiece(plain));
      return false;
    }
    case Doing::kTail: {
      STRATA_TRY_ASSIGN(const bool erased, EraseTail());
      if (erased) {
        STRATA_TRY(MediumFlash().Sync());
        STRATA_TRY(measured_.Start());
        at_ = 0;
        doing_ = Doing::kMeasureAfter;
      }
      return false;
    }
    case Doing::kMeasureAfter: {
      STRATA_TRY_ASSIGN(const bool right, MeasurePiece());
      if (!right && at_ == Spec().placement.size_bytes) {
        return Fail(Code::kMeasurementMismatch);
      }
      return right;
    }
  }
  return Fail(Code::kInternal);
}

Status Applier::StartWriting() {
  at_ = 0;
  erased_to_ = 0;
  carried_ = 0;
  doing_ = Doing::kWrite;
  return reader_.Start(tools_.book.staged(), Spec());
}

// Erases every unit up to the one that holds the byte before `end` (within the placement).
Status Applier::EnterUnits(std::uint32_t end) {
  ports::Flash& flash = MediumFlash();
  while (erased_to_ < end) {
    STRATA_TRY(
        flash.Erase(Spec().placement.start_bytes + erased_to_, flash.geometry().erase_unit_bytes));
    erased_to_ += flash.geometry().erase_unit_bytes;
  }
  return {};
}

Status Applier::WritePiece(ByteSpan plain) {
  const Placement& placement = Spec().placement;
  if (plain.size() > placement.size_bytes - at_ - carried_) {
    return Fail(Code::kLayerEncodingInvalid);
  }
  ports::Flash& flash = MediumFlash();
  const std::uint32_t unit = flash.geometry().program_unit_bytes;
  if (carried_ > 0) {
    const std::size_t piece = std::min<std::size_t>(plain.size(), unit - carried_);
    std::memcpy(carry_.data() + carried_, plain.data(), piece);
    carried_ += static_cast<std::uint32_t>(piece);
    plain = plain.subspan(piece);
    if (carried_ == unit) {
      STRATA_TRY(Flush());
    }
  }
  const auto whole = static_cast<std::uint32_t>(plain.size() - plain.size() % unit);
  if (whole > 0) {
    STRATA_TRY(EnterUnits(at_ + whole));
    STRATA_TRY(flash.Program(placement.start_bytes + at_, plain.first(whole)));
    at_ += whole;
  }
  const ByteSpan rest = plain.subspan(whole);
  if (!rest.empty()) {
    std::memcpy(carry_.data(), rest.data(), rest.size());
    carried_ = static_cast<std::uint32_t>(rest.size());
  }
  return {};
}

Status Applier::Flush() {
  if (carried_ == 0) {
    return {};
  }
  ports::Flash& flash = MediumFlash();
  const std::uint32_t unit = flash.geometry().program_unit_bytes;
  std::fill(carry_.begin() + carried_, carry_.end(), std::uint8_t{0xFF});
  STRATA_TRY(EnterUnits(at_ + unit));
  STRATA_TRY(flash.Program(Spec().placement.start_bytes + at_, ByteSpan(carry_).first(unit)));
  at_ += unit;
  carried_ = 0;
  return {};
}

Result<bool> Applier::EraseTail() {
  const std::uint32_t size = Spec().placement.size_bytes;
  if (erased_to_ < size) {
    STRATA_TRY(EnterUnits(erased_to_ + 1));
  }
  return erased_to_ >= size;
}

Result<bool> Applier::MeasurePiece() {
  const Placement& placement = Spec().placement;
  const std::uint32_t piece = std::min(kMeasurePieceBytes, placement.size_bytes - at_);
  const MutableByteSpan bytes = MutableByteSpan(tools_.buffers.chunk).first(piece);
  STRATA_TRY(MediumFlash().Read(placement.start_bytes + at_, bytes));
  STRATA_TRY(measured_.Update(bytes));
  at_ += piece;
  if (at_ < placement.size_bytes) {
    return false;
  }
  STRATA_TRY_ASSIGN(const Digest digest, measured_.Finish());
  return digest == Spec().measurement_digest;
}

Status Applier::SkipCovered() {
  if (slot_ == kNoSlot) {
    return {};
  }
  const ports::FlashGeometry& geometry = tools_.internal.geometry();
  STRATA_TRY_ASSIGN(const SlotLayers layers, tools_.book.Layers(slot_));
  while (sweep_at_ < geometry.size_bytes) {
    STRATA_TRY_ASSIGN(const bool covered, Covered(layers, sweep_at_, geometry.erase_unit_bytes));
    if (!covered) {
      return {};
    }
    sweep_at_ += geometry.erase_unit_bytes;
  }
  return {};
}

Progress Applier::SweepStep() {
  if (const Status skipped = SkipCovered(); !skipped) {
    return Progress::Failed(Error{skipped.error().code, Op::kApply, 0});
  }
  if (sweep_at_ < tools_.internal.geometry().size_bytes) {
    return SweepUnit();
  }
  return tools_.internal.Sync().ok() ? Progress::Done() : Retry(Fail(Code::kFlashIo));
}

Progress Applier::SweepUnit() {
  const std::uint32_t unit = tools_.internal.geometry().erase_unit_bytes;
  if (!rewrite_all_ && ReadsErased(tools_.internal, tools_.buffers, sweep_at_, unit)) {
    sweep_at_ += unit;
    return Progress::More();
  }
  const bool erased = tools_.internal.Erase(sweep_at_, unit).ok() &&
                      ReadsErased(tools_.internal, tools_.buffers, sweep_at_, unit);
  if (!erased) {
    return Retry(Fail(Code::kFlashIo));
  }
  sweep_at_ += unit;
  tries_ = 0;
  return Progress::More();
}

namespace {

Result<bool> MeasuresRight(const Applier::Tools& tools, const manifest::Layer& layer) {
  const MutableByteSpan buffer = MutableByteSpan(tools.buffers.chunk).first(kMeasurePieceBytes);
  RunningHash hash(tools.crypto);
  STRATA_TRY(hash.Start());
  for (std::uint32_t done = 0; done < layer.placement.size_bytes;) {
    const std::uint32_t size = std::min(kMeasurePieceBytes, layer.placement.size_bytes - done);
    const MutableByteSpan piece = buffer.first(size);
    if (!tools.internal.Read(layer.placement.start_bytes + done, piece)) {
      return false;
    }
    STRATA_TRY(hash.Update(piece));
    done += size;
  }
  STRATA_TRY_ASSIGN(const Digest digest, hash.Finish());
  return digest == layer.measurement_digest;
}

}  // namespace

Result<bool> InternalMeasuresRight(const Applier::Tools& tools, std::uint8_t slot) {
  STRATA_TRY_ASSIGN(const SlotLayers first, tools.book.Layers(slot));
  for (SlotLayers layers = first;;) {
    STRATA_TRY_ASSIGN(const bool another, layers.Next());
    if (!another) {
      break;
    }
    if (layers.layer().placement.medium != Medium::kInternal) {
      continue;
    }
    STRATA_TRY_ASSIGN(const bool right, MeasuresRight(tools, layers.layer()));
    if (!right) {
      return false;
    }
  }
  const ports::FlashGeometry& geometry = tools.internal.geometry();
  for (std::uint32_t at = 0; at < geometry.size_bytes; at += geometry.erase_unit_bytes) {
    STRATA_TRY_ASSIGN(const bool covered, Covered(first, at, geometry.erase_unit_bytes));
    if (!covered && !ReadsErased(tools.internal, tools.buffers, at, geometry.erase_unit_bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace strata::engine
