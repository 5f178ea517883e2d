// SPDX-License-Identifier: Apache-2.0
/// Stager: brings a slot to hold its whole app, from whatever it holds now.
/// Role: one function for a new update, for resuming one, for checking the revert slot and for
/// recovery: reads what is staged, takes what the other slot or, in clear, the installed app holds,
/// fetches only what is missing, never writes to a placement.
/// Context: Step() opens, copies or fetches at most one chunk.
/// Durability: a new attempt is in the journal before the first chunk is sealed under it.
/// Security: every layer is accepted only by its fetch digest from the signed manifest.
/// Reference: docs/spec/staging.md; decisions "Attempts".
#pragma once

#include <cstdint>
#include <optional>

#include "strata/engine/ports/cloud.hpp"

#include "manifest_book.hpp"
#include "progress.hpp"

namespace strata::engine {

/// Why a slot is staged.
enum class StageMode : std::uint8_t {
  kFresh,    ///< the slot's seed is new: nothing can be there
  kResume,   ///< a power cut came: the last chunk written may be a torn one that reads well
  kRepair,   ///< a chunk was found damaged without a power cut
  kCheck,    ///< must be whole already; repaired if not. Fails when the cloud has no more of it.
  kRecover,  ///< as kCheck, but never fails: there is nothing else to run
};

class Stager {
 public:
  struct Tools {
    Journal& journal;
    SlotStore& store;
    ManifestBook& book;
    Buffers& buffers;
    ports::Flash& internal;
    ports::Crypto& crypto;
    ports::Cloud& cloud;
    ports::Entropy& entropy;
  };

  explicit Stager(const Tools& tools);

  void Begin(std::uint8_t slot, StageMode mode);

  /// Failed: * kLayerHashMismatch, kLayerTooShort, kLayerTooLong after three tries. *
  /// kLayerNotFound (kCheck only).
  /// * kFlashIo: external flash does not take the chunks. * as Journal::Append(): not durable.
  Progress Step();

  /// The cloud answered again and again that it has no such layer or manifest.
  [[nodiscard]] bool cloud_lacks_it() const { return not_found_ >= kNotFoundTries; }

  [[nodiscard]] std::uint32_t bytes_done() const { return bytes_done_; }

  [[nodiscard]] std::uint32_t bytes_total() const { return bytes_total_; }

 private:
  static constexpr std::uint8_t kNotFoundTries = 3;

  enum class Doing : std::uint8_t { kManifest, kNextLayer, kScan, kRehash, kFetch };

  Progress ManifestStep();
  Progress BeginAgain();
  Status SumUp();
  Progress NextLayer();
  [[nodiscard]] std::uint32_t LatestTakenUp() const;
  Progress ScanStep();
  Progress RehashStep();
  Progress FetchStep();
  Progress CopyStep();
  Progress InstalledStep();
  Progress SealCopied(std::uint32_t size, bool last);
  Progress Interrupted(std::uint32_t good_chunks);
  Progress TakeUp(std::uint32_t chunk);
  Progress TakeUpLast(std::uint32_t layer);
  Status NoteAttempt(std::uint32_t chunk);
  bool StartRehash(std::uint32_t chunk);
  Progress StartFetch(std::uint32_t chunk);
  Progress OnFetchError(const Error& error);
  Progress OnUnsizedEnd();
  Progress SealFilled(std::uint32_t size, bool last);
  Progress FinishLayer();
  Progress BadLayer(const Error& error);
  Progress WholeLayer();
  void FindCopy();
  bool FindInSlot(std::uint8_t slot);
  void NoteInstalled(const manifest::Layer& layer);

  [[nodiscard]] const manifest::Layer& Spec() const { return tools_.book.layer(); }

  [[nodiscard]] const SlotState& Slot() const { return tools_.journal.state().slots[slot_]; }

  Tools tools_;
  StagedReader reader_;
  RunningHash hash_;
  Backoff backoff_;
  Doing doing_ = Doing::kManifest;
  StageMode mode_ = StageMode::kFresh;
  std::uint8_t slot_ = kNoSlot;
  std::uint32_t layer_ = 0;
  std::uint32_t chunk_ = 0;          // next chunk to seal, or to rehash up to
  std::uint32_t filled_ = 0;         // bytes of it in buffers.chunk
  std::optional<StagedLayer> copy_;  // the same layer in the other slot

  struct Installed {
    std::uint32_t start_bytes = 0;
    std::uint32_t size_bytes = 0;
  };

  std::optional<Installed> installed_;  // the same layer in clear on the internal medium
  bool took_installed_ = false;         // bytes of this layer came from there
  bool installed_wrong_ = false;        // and they were not this layer's
  bool tail_redone_ = false;
  bool newest_redone_ = false;  // the newest attempt's layer had its tail fetched again
  bool refetch_ = false;        // behind the place where a power cut came nothing is trusted
  std::uint8_t layer_tries_ = 0;
  std::uint8_t flash_tries_ = 0;
  std::uint8_t not_found_ = 0;
  std::uint32_t bytes_before_ = 0;  // of whole layers
  std::uint32_t bytes_done_ = 0;
  std::uint32_t bytes_total_ = 0;
};

}  // namespace strata::engine
