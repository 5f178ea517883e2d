// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/sim_ports.hpp"

#include "strata/sim/panic.hpp"

namespace strata::sim {

Status SimEntropy::Fill(MutableByteSpan out) {
  ++calls_;
  if (fail_in_ >= 0 && fail_in_-- == 0) {
    return Fail(Code::kEntropyFailed);
  }
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(random_());
  }
  return {};
}

Status SimApp::Start() {
  if (running_) {
    Panic("the app is started while it runs");
  }
  script_ = identify_();
  if (script_.start_fails) {
    return Fail(Code::kAppStartFailed, Op::kStartApp);
  }
  running_ = true;
  started_ms_ = clock_.NowMs();
  ready_said_ = false;
  apply_said_ = true;
  defer_said_ = !script_.defers;
  ++starts_;
  return {};
}

Status SimApp::Stop() {
  running_ = false;
  return {};
}

ports::AppEvent SimApp::TakeEvent() {
  if (!running_) {
    return ports::AppEvent::kNone;
  }
  const std::uint64_t age = clock_.NowMs() - started_ms_;
  if (script_.crash_after_ms && age >= *script_.crash_after_ms) {
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
  if (!apply_said_ && clock_.NowMs() - noticed_ms_ >= *script_.apply_now_after_ms) {
    apply_said_ = true;
    return ports::AppEvent::kApplyNow;
  }
  return ports::AppEvent::kNone;
}

void SimApp::NotifyUpdateDownloaded() {
  ++notices_;
  noticed_ms_ = clock_.NowMs();
  apply_said_ = !script_.apply_now_after_ms.has_value();
}

bool LedgerCrypto::FailsNow() {
  ++calls_;
  return fail_in_ >= 0 && fail_in_-- == 0;
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
  std::vector<std::uint8_t> message(aad.begin(), aad.end());
  message.insert(message.end(), plaintext.begin(), plaintext.end());
  const auto [entry, added] = ledger_.try_emplace({key, nonce}, message);
  if (!added && entry->second != message) {
    Panic("one key and nonce seal two different messages");
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
