// SPDX-License-Identifier: Apache-2.0
#include "slot_verifier.hpp"

namespace strata::engine {

void SlotVerifier::Begin(std::uint8_t slot) {
  slot_ = slot;
  layer_ = 0;
  started_ = false;
}

Progress SlotVerifier::Step() {
  const auto loaded = book_.Load(slot_, layer_);
  if (!loaded.ok()) {
    return Progress::Failed(Error{loaded.error().code, Op::kVerifyStaged, 0});
  }
  if (layer_ == book_.app().layer_count) {
    return Progress::Done();
  }
  const auto finished = Advance();
  if (!finished.ok()) {
    return Progress::Failed(Error{finished.error().code, Op::kVerifyStaged, layer_});
  }
  if (*finished) {
    ++layer_;
    started_ = false;
  }
  return Progress::More();
}

Status SlotVerifier::StartLayer() {
  const StagedLayer layer = book_.staged();
  if (layer.fetch_bytes == 0) {
    return Fail(Code::kStagingCorrupt);
  }
  plain_bytes_ = 0;
  started_ = true;
  STRATA_TRY(measured_.Start());
  return reader_.Start(layer, book_.layer());
}

Result<bool> SlotVerifier::Advance() {
  if (!started_) {
    STRATA_TRY(StartLayer());
  }
  STRATA_TRY_ASSIGN(const ByteSpan plain, reader_.Next());
  if (plain.empty()) {
    STRATA_TRY(FinishLayer());
    return true;
  }
  if (plain.size() > book_.layer().placement.size_bytes - plain_bytes_) {
    return Fail(Code::kLayerEncodingInvalid);
  }
  plain_bytes_ += static_cast<std::uint32_t>(plain.size());
  STRATA_TRY(measured_.Update(plain));
  return false;
}

Status SlotVerifier::FinishLayer() {
  const manifest::Layer& spec = book_.layer();
  STRATA_TRY_ASSIGN(const Digest fetched, reader_.FetchDigest());
  if (fetched != spec.fetch_digest) {
    return Fail(Code::kLayerHashMismatch);
  }
  if (spec.plaintext_bytes != 0 && spec.plaintext_bytes != plain_bytes_) {
    return Fail(Code::kLayerEncodingInvalid);
  }
  STRATA_TRY(measured_.UpdateErased(spec.placement.size_bytes - plain_bytes_));
  STRATA_TRY_ASSIGN(const Digest measured, measured_.Finish());
  return measured == spec.measurement_digest ? Status() : Fail(Code::kMeasurementMismatch);
}

}  // namespace strata::engine
