// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/sim_ports.hpp"

#include <algorithm>
#include <cstring>

#include "strata/sim/panic.hpp"

namespace strata::sim {

namespace {

constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;

// Of words, not bytes: this runs for everything that is ever sealed.
std::uint64_t Mix(std::uint64_t hash, ByteSpan bytes) {
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(sizeof(word), bytes.size());
    std::memcpy(&word, bytes.data(), size);
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
    bytes = bytes.subspan(size);
  }
  return hash;
}

}  // namespace

Status SimEntropy::Fill(MutableByteSpan out) {
  if (faults_.FailsNow()) {
    return Fail(Code::kEntropyFailed);
  }
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(random_());
  }
  if (witness_) {
    witness_(out);
  }
  return {};
}

Result<Signature> SimIdentity::Sign(std::span<const ByteSpan> parts) {
  if (faults_.FailsNow()) {
    return Fail(Code::kCryptoFailed);
  }
  return real_.Sign(parts);
}

Status SimApp::Start() {
  if (running_) {
    Panic("the app is started while it runs");
  }
  script_ = identify_();
  if (faults_.FailsNow() || script_.start_fails) {
    return Fail(Code::kAppStartFailed, Op::kStartApp);
  }
  running_ = true;
  started_ms_ = clock_.now_ms();
  ready_said_ = false;
  apply_said_ = true;
  defer_said_ = !script_.defers;
  ++starts_;
  return {};
}

Status SimApp::Stop() {
  if (faults_.FailsNow()) {
    return Fail(Code::kInternal);
  }
  running_ = false;
  return {};
}

ports::AppEvent SimApp::TakeEvent() {
  if (!running_) {
    return ports::AppEvent::kNone;
  }
  const std::uint64_t age = clock_.now_ms() - started_ms_;
  const bool crashes = script_.crash_after_ms && age >= *script_.crash_after_ms;
  if (faults_.FailsNow() || crashes) {
    running_ = false;
    return ports::AppEvent::kCrashed;
  }
  if (!ready_said_ && script_.ready_after_ms && age >= *script_.ready_after_ms) {
    ready_said_ = true;
    return ports::AppEvent::kReady;
  }
  if (!defer_said_) {
    defer_said_ = true;
    return ports::AppEvent::kDefer;
  }
  if (!apply_said_ && clock_.now_ms() - noticed_ms_ >= *script_.apply_now_after_ms) {
    apply_said_ = true;
    return ports::AppEvent::kApplyNow;
  }
  return ports::AppEvent::kNone;
}

void SimApp::NotifyUpdateDownloaded() {
  ++notices_;
  noticed_ms_ = clock_.now_ms();
  apply_said_ = !script_.apply_now_after_ms.has_value();
}

Status LedgerCrypto::HashStart(ports::HashState& state) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.HashStart(state);
}

Status LedgerCrypto::HashUpdate(ports::HashState& state, ByteSpan data) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.HashUpdate(state, data);
}

Status LedgerCrypto::HashFinish(ports::HashState& state, Digest& out) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.HashFinish(state, out);
}

Status LedgerCrypto::Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.Hmac(key, parts, out);
}

Status LedgerCrypto::Seal(const ports::AeadKey& key,
                          const ports::AeadNonce& nonce,
                          ByteSpan aad,
                          ByteSpan plaintext,
                          MutableByteSpan out) {
  if (FailsNow()) {
    return Fail(Code::kCryptoFailed);
  }
  const std::pair message(aad.size() + plaintext.size(), Mix(Mix(kOdd, aad), plaintext));
  const auto [entry, added] = ledger_.try_emplace({key, nonce}, message);
  if (!added && entry->second != message) {
    Panic("one key and nonce seal two different messages");
  }
  if (added && witness_) {
    witness_(key);
  }
  return real_.Seal(key, nonce, aad, plaintext, out);
}

Status LedgerCrypto::Open(const ports::AeadKey& key,
                          const ports::AeadNonce& nonce,
                          ByteSpan aad,
                          ByteSpan sealed,
                          MutableByteSpan out) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.Open(key, nonce, aad, sealed, out);
}

Status LedgerCrypto::Verify(const PublicKey& key,
                            std::span<const ByteSpan> parts,
                            const Signature& signature) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.Verify(key, parts, signature);
}

Status LedgerCrypto::Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                          const PublicKey& peer,
                          std::span<std::uint8_t, 32> out) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.Ecdh(scalar, peer, out);
}

Status LedgerCrypto::PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                              PublicKey& out) {
  return FailsNow() ? Fail(Code::kCryptoFailed) : real_.PublicOf(scalar, out);
}

}  // namespace strata::sim
