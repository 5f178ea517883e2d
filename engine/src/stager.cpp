// SPDX-License-Identifier: Apache-2.0
#include "stager.hpp"

#include <algorithm>

namespace strata::engine {
namespace {

constexpr std::uint8_t kLayerTries = 3;
constexpr std::uint8_t kFlashTries = 3;
constexpr std::uint32_t kCryptoRetryMs = 1000;

}  // namespace

Stager::Stager(const Tools& tools)
    : tools_(tools),
      reader_(tools.store, tools.crypto, tools.buffers),
      hash_(tools.crypto),
      backoff_(tools.entropy) {}

void Stager::Begin(std::uint8_t slot, StageMode mode) {
  slot_ = slot;
  mode_ = mode;
  doing_ = Doing::kManifest;
  layer_ = 0;
  tail_redone_ = mode != StageMode::kResume;
  refetch_ = false;
  newest_redone_ = false;
  layer_tries_ = 0;
  flash_tries_ = 0;
  not_found_ = 0;
  bytes_before_ = 0;
  bytes_done_ = 0;
  bytes_total_ = 0;
  backoff_.Reset();
}

Progress Stager::Step() {
  if (doing_ == Doing::kManifest) {
    return ManifestStep();
  }
  if (!tools_.book.Load(slot_, layer_)) {
    return BeginAgain();
  }
  switch (doing_) {
    case Doing::kManifest:
      break;
    case Doing::kNextLayer:
      return NextLayer();
    case Doing::kScan:
      return ScanStep();
    case Doing::kRehash:
      return RehashStep();
    case Doing::kFetch:
      if (copy_) {
        return CopyStep();
      }
      return installed_ ? InstalledStep() : FetchStep();
  }
  return Progress::Failed(Fail(Code::kInternal, Op::kFetchLayer));
}

// The manifest can't be read any more. A fresh slot is not one any longer: chunks may be sealed in
// it under the attempt that a fresh one would begin with.
Progress Stager::BeginAgain() {
  Begin(slot_, mode_ == StageMode::kFresh ? StageMode::kRepair : mode_);
  return Progress::More();
}

Status Stager::SumUp() {
  STRATA_TRY(tools_.book.Load(slot_));
  STRATA_TRY_ASSIGN(SlotLayers layers, tools_.book.Layers(slot_));
  for (;;) {
    STRATA_TRY_ASSIGN(const bool another, layers.Next());
    if (!another) {
      return {};
    }
    bytes_total_ += FetchLimit(layers.layer());
  }
}

Progress Stager::ManifestStep() {
  bytes_total_ = 0;
  const Status loaded = SumUp();
  if (loaded.ok()) {
    doing_ = Doing::kNextLayer;
    return Progress::More();
  }
  if (loaded.error().code != Code::kStagingCorrupt) {
    return loaded.error().code == Code::kCryptoFailed ? Progress::Wait(kCryptoRetryMs)
                                                      : Progress::Failed(loaded.error());
  }
  const MutableByteSpan room =
      MutableByteSpan(tools_.buffers.scratch).first(manifest::kMaxManifestBytes);
  const auto fetched = tools_.cloud.FetchManifest(Slot().deployment->manifest_hash, room);
  if (!fetched.ok()) {
    return OnFetchError(fetched.error());
  }
  if (const Status written = tools_.store.WriteManifest(slot_, room.first(*fetched)); !written) {
    return ++flash_tries_ < kFlashTries || mode_ == StageMode::kRecover
               ? Progress::Wait(backoff_.NextMs())
               : Progress::Failed(written.error());
  }
  tools_.book.Forget();
  // Checked against its hash by the next Load(); wrong bytes cost one more fetch, later.
  return Progress::Wait(backoff_.NextMs());
}

Progress Stager::NextLayer() {
  if (layer_ == tools_.book.app().layer_count) {
    if (tail_redone_ || layer_ == 0) {
      return Progress::Done();
    }
    // The write that was cut may also have been a repair's, at the end of a layer in the middle.
    const std::uint32_t last = layer_ - 1;
    const std::uint32_t again = newest_redone_ ? last : std::min(LatestTakenUp(), last);
    newest_redone_ = true;
    tail_redone_ = again == last;
    return TakeUpLast(again);
  }
  layer_tries_ = 0;
  flash_tries_ = 0;
  installed_wrong_ = false;
  if (mode_ == StageMode::kFresh) {
    return StartFetch(0);
  }
  if (refetch_) {
    return TakeUp(0);
  }
  StagedLayer layer = tools_.book.staged();
  if (layer.fetch_bytes == 0) {
    // The size is learnt before the last chunk is sealed, so the layer is not whole; what is there
    // is read as a longer one.
    layer.fetch_bytes = FetchLimit(Spec()) + 1;
  }
  if (const Status started = reader_.Start(layer); !started) {
    return Progress::Wait(kCryptoRetryMs);
  }
  doing_ = Doing::kScan;
  return Progress::More();
}

// The layer that got the newest attempt; the last one when every layer is under its first.
std::uint32_t Stager::LatestTakenUp() const {
  const std::uint8_t count = Slot().piece_count;
  return count == 0 ? tools_.book.app().layer_count - 1 : Slot().pieces[count - 1].layer;
}

Progress Stager::ScanStep() {
  const auto bytes = reader_.Next();
  if (!bytes.ok()) {
    if (bytes.error().code != Code::kStagingCorrupt) {
      doing_ = Doing::kNextLayer;
      return Progress::Wait(kCryptoRetryMs);
    }
    return Interrupted(reader_.chunks_read());
  }
  if (!bytes->empty()) {
    return Progress::More();
  }
  const auto digest = reader_.FetchDigest();
  if (digest.ok() && *digest == Spec().fetch_digest) {
    return WholeLayer();
  }
  refetch_ = !tail_redone_;
  tail_redone_ = true;
  return TakeUp(0);
}

Progress Stager::Interrupted(std::uint32_t good_chunks) {
  if (tail_redone_) {
    return TakeUp(good_chunks);
  }
  tail_redone_ = true;
  // What does not open now may open later, so nothing from here on is looked at again.
  refetch_ = true;
  if (good_chunks == 0 && layer_ > 0) {
    // Nothing of this layer is there, so the last chunk of the one before was perhaps being
    // written.
    if (const Status noted = NoteAttempt(0); !noted) {
      return Progress::Failed(noted.error());
    }
    return TakeUpLast(layer_ - 1);
  }
  const bool written_last =
      good_chunks > Slot().LatestPiece(static_cast<std::uint8_t>(layer_)).first_chunk;
  return TakeUp(written_last ? good_chunks - 1 : good_chunks);
}

// Goes back to a layer that was whole: its last chunk is sealed again.
Progress Stager::TakeUpLast(std::uint32_t layer) {
  if (!tools_.book.Load(slot_, layer)) {
    return BeginAgain();
  }
  layer_ = layer;
  const std::uint32_t bytes = tools_.book.staged().fetch_bytes;
  bytes_before_ -= bytes;
  return TakeUp(ChunkCount(bytes) - 1);
}

Progress Stager::TakeUp(std::uint32_t chunk) {
  chunk -= chunk % tools_.store.ChunksPerUnit();
  if (!Slot().CanAdd(static_cast<std::uint8_t>(layer_), chunk)) {
    chunk = 0;
  }
  if (const Status noted = NoteAttempt(chunk); !noted) {
    return Progress::Failed(noted.error());
  }
  if (chunk == 0) {
    return StartFetch(0);
  }
  if (StartRehash(chunk)) {
    return Progress::More();
  }
  const Status noted = NoteAttempt(0);
  return noted ? StartFetch(0) : Progress::Failed(noted.error());
}

// From `chunk` on the layer is sealed under the next attempt.
Status Stager::NoteAttempt(std::uint32_t chunk) {
  const auto index = static_cast<std::uint8_t>(layer_);
  const Piece latest = Slot().LatestPiece(index);
  if (latest.attempt == 0xFFFF || chunk > kMaxFirstChunk) {
    return Fail(Code::kJournalFull, Op::kFetchLayer, layer_);
  }
  const Piece piece{index, static_cast<std::uint16_t>(latest.attempt + 1), chunk};
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t size = EncodeAttempt(slot_, piece, payload);
  return tools_.journal.Append(RecordType::kAttempt, ByteSpan(payload).first(size));
}

bool Stager::StartRehash(std::uint32_t chunk) {
  StagedLayer staged = tools_.book.staged();
  if (staged.fetch_bytes == 0) {
    staged.fetch_bytes = FetchLimit(Spec()) + 1;
  }
  chunk_ = chunk;
  doing_ = Doing::kRehash;
  return hash_.Start().ok() && reader_.Start(staged).ok();
}

Progress Stager::RehashStep() {
  if (reader_.chunks_read() == chunk_) {
    return StartFetch(chunk_);
  }
  const auto bytes = reader_.Next();
  if (!bytes.ok() || bytes->empty() || !hash_.Update(*bytes)) {
    return TakeUp(0);
  }
  return Progress::More();
}

Progress Stager::StartFetch(std::uint32_t chunk) {
  if (chunk == 0 && !hash_.Start()) {
    return Progress::Wait(kCryptoRetryMs);
  }
  chunk_ = chunk;
  filled_ = 0;
  doing_ = Doing::kFetch;
  took_installed_ = chunk != 0 && took_installed_;
  bytes_done_ = bytes_before_ + chunk * kChunkBytes;
  FindCopy();
  return Progress::More();
}

Progress Stager::FetchStep() {
  const std::uint32_t signed_size = Spec().fetch_bytes;
  const bool sized = signed_size != 0;
  const std::uint32_t limit = FetchLimit(Spec());
  const std::uint32_t chunk_start = chunk_ * kChunkBytes;
  // Without a size the end is known only when no byte follows: one byte is fetched ahead.
  const std::uint32_t want = sized
                                 ? std::min(kChunkBytes, limit - chunk_start)
                                 : std::min(kChunkBytes, limit - std::min(limit, chunk_start)) + 1;
  const MutableByteSpan room =
      MutableByteSpan(tools_.buffers.chunk).subspan(filled_, want - filled_);
  const auto fetched =
      tools_.cloud.FetchLayer(Spec().fetch_digest, chunk_start + filled_, signed_size, room);
  if (!fetched.ok()) {
    const bool end = !sized && fetched.error().code == Code::kLayerTooShort && filled_ > 0;
    return end ? OnUnsizedEnd() : OnFetchError(fetched.error());
  }
  if (*fetched == 0 || *fetched > room.size()) {
    return OnFetchError(Fail(Code::kCloudProtocol, Op::kFetchLayer));
  }
  backoff_.Reset();
  not_found_ = 0;
  filled_ += static_cast<std::uint32_t>(*fetched);
  bytes_done_ = bytes_before_ + std::min(limit, chunk_start + filled_);
  if (filled_ < want) {
    return Progress::More();
  }
  if (sized) {
    return SealFilled(want, chunk_start + want == limit);
  }
  if (chunk_start + filled_ > limit) {
    return BadLayer(Fail(Code::kLayerTooLong, Op::kFetchLayer, layer_));
  }
  const std::uint8_t ahead = tools_.buffers.chunk[kChunkBytes];
  const Progress sealed = SealFilled(kChunkBytes, false);
  if (doing_ == Doing::kFetch && sealed.kind == Progress::Kind::kMore && filled_ == 0) {
    tools_.buffers.chunk[0] = ahead;
    filled_ = 1;
  }
  return sealed;
}

Progress Stager::OnUnsizedEnd() {
  const std::uint32_t size = chunk_ * kChunkBytes + filled_;
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t used = EncodeLayerSize(slot_, static_cast<std::uint8_t>(layer_), size, payload);
  if (const Status noted =
          tools_.journal.Append(RecordType::kLayerSize, ByteSpan(payload).first(used));
      !noted) {
    return Progress::Failed(noted.error());
  }
  return SealFilled(filled_, true);
}

Progress Stager::SealFilled(std::uint32_t size, bool last) {
  const auto index = static_cast<std::uint8_t>(layer_);
  const ChunkPlace place{.slot = slot_,
                         .layer = index,
                         .attempt = Slot().AttemptOf(index, chunk_),
                         .index = chunk_,
                         .layer_start = tools_.book.staged().layer_start,
                         .last = last};
  Status sealed = hash_.Update(ByteSpan(tools_.buffers.chunk).first(size));
  if (sealed.ok()) {
    sealed = tools_.store.WriteChunk(Slot().seed, place, size, tools_.buffers.chunk);
  }
  if (!sealed) {
    if (++flash_tries_ >= kFlashTries && mode_ != StageMode::kRecover) {
      return Progress::Failed(Error{sealed.error().code, Op::kSealLayer, layer_});
    }
    return TakeUp(chunk_);  // the place is in any state and the key must not seal here again
  }
  ++chunk_;
  filled_ = 0;
  bytes_done_ = bytes_before_ + (chunk_ - 1) * kChunkBytes + size;
  return last ? FinishLayer() : Progress::More();
}

Progress Stager::FinishLayer() {
  const auto digest = hash_.Finish();
  if (!digest.ok()) {
    return TakeUp(0);
  }
  if (*digest == Spec().fetch_digest) {
    return WholeLayer();
  }
  if (took_installed_) {
    installed_wrong_ = true;  // nobody's fault but our own flash's: not one of the layer's tries
    return TakeUp(0);
  }
  return BadLayer(Fail(Code::kLayerHashMismatch, Op::kFetchLayer, layer_));
}

Progress Stager::WholeLayer() {
  bytes_before_ += tools_.book.staged().fetch_bytes;
  bytes_done_ = bytes_before_;
  // Behind a repaired layer all read whole before its end was fetched again.
  layer_ = newest_redone_ && !tail_redone_ ? tools_.book.app().layer_count : layer_ + 1;
  doing_ = Doing::kNextLayer;
  return Progress::More();
}

Progress Stager::BadLayer(const Error& error) {
  if (++layer_tries_ >= kLayerTries && mode_ != StageMode::kRecover) {
    return Progress::Failed(error);
  }
  const Progress again = TakeUp(0);
  copy_.reset();
  return again.kind == Progress::Kind::kFailed ? again : Progress::Wait(backoff_.NextMs());
}

Progress Stager::OnFetchError(const Error& error) {
  if (error.code == Code::kLayerTooShort || error.code == Code::kLayerTooLong) {
    return BadLayer(Error{error.code, Op::kFetchLayer, layer_});
  }
  if (error.code == Code::kNotFound) {
    not_found_ = static_cast<std::uint8_t>(std::min<unsigned>(not_found_ + 1U, kNotFoundTries));
    if (cloud_lacks_it() && mode_ == StageMode::kCheck) {
      return Progress::Failed(Fail(Code::kLayerNotFound, Op::kRecover, layer_));
    }
    tools_.cloud.RefreshDesired();
  }
  return Progress::Wait(backoff_.NextMs());
}

}  // namespace strata::engine
