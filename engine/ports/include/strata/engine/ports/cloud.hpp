// SPDX-License-Identifier: Apache-2.0
/// Cloud: what the engine needs of the other side. Names no protocol: bodies are the messages of
/// docs/spec/wire.md, everything is addressed by hash.
/// Role: transport. It authenticates the cloud, not the content: every byte it delivers is checked
/// by the engine. It never retries a refused request by itself; the engine decides. Context: single
/// caller. TakeDesired() never blocks; the others block at most a few seconds without progress,
/// then answer kCloudUnreachable. Errors of all: * kCloudUnreachable: no connection, or it broke;
/// try again later.
/// * kCloudRefused: the cloud answered that it will not (detail: its status). * kCloudProtocol: the
/// answer makes no sense (wrong range, wrong length announced, body too long). * kNotFound: it has
/// no such thing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/result.hpp"

namespace strata::ports {

class Cloud {
 public:
  virtual ~Cloud() = default;
  Cloud() = default;
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;

  /// If a desired state arrived that was not taken yet, copies its encoded message to `out` and
  /// returns its size; else returns 0. Keeps asking in the background by itself; a failure to ask
  /// is reported once here. `out` holds at least wire::kMaxDesiredStateBytes.
  virtual Result<std::size_t> TakeDesired(MutableByteSpan out) = 0;

  /// Whether to be connected; true at the start. False: stops asking in the background and lets the
  /// connection go; TakeDesired() returns 0. True again: connects, asks at once and delivers the
  /// desired state even if it did not change. The other functions are not called while false.
  virtual void SetConnected(bool connected) = 0;

  /// Asks for the desired state again and delivers it even if it did not change (after a layer
  /// vanished).
  virtual void RefreshDesired() = 0;

  /// Fetches the whole manifest of that hash; returns its size. * kManifestTooLarge: longer than
  /// `out`.
  virtual Result<std::size_t> FetchManifest(const Digest& hash, MutableByteSpan out) = 0;

  /// Fetches the fleet's NewKeys message of that sequence; returns its size. * kNewKeysMalformed:
  /// longer than `out`.
  virtual Result<std::size_t> FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) = 0;

  /// Fetches the next bytes of the layer of that hash from `offset`; returns how many (1 …
  /// out.size()). Reading on from where the last call ended is cheap; anything else may cost a new
  /// request. `total_bytes` is the layer's size where the manifest says so, else 0.
  /// * kLayerTooShort: the layer ends at or before `offset`.
  virtual Result<std::size_t> FetchLayer(const Digest& hash,
                                         std::uint32_t offset,
                                         std::uint32_t total_bytes,
                                         MutableByteSpan out) = 0;

  /// Sends an encoded Report. Advisory: the engine goes on whatever the answer.
  virtual Status SendReport(ByteSpan report) = 0;

  /// Sends an encoded Receipt; OK means the cloud stored it.
  virtual Status SendReceipt(ByteSpan receipt) = 0;
};

}  // namespace strata::ports
