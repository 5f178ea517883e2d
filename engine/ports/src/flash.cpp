// SPDX-License-Identifier: Apache-2.0
#include "strata/engine/ports/flash.hpp"

#include "strata/core/checked.hpp"

namespace strata::ports {

bool Flash::InBounds(std::uint32_t offset, std::size_t length) const {
  return offset <= geometry_.size_bytes && length <= geometry_.size_bytes - offset;
}

Status Flash::Read(std::uint32_t offset, MutableByteSpan out) {
  if (!InBounds(offset, out.size())) {
    return Fail(Code::kFlashOutOfBounds, Op::kNone, offset);
  }
  return out.empty() ? Status() : DoRead(offset, out);
}

Status Flash::Program(std::uint32_t offset, ByteSpan data) {
  if (!InBounds(offset, data.size())) {
    return Fail(Code::kFlashOutOfBounds, Op::kNone, offset);
  }
  const std::size_t unit = geometry_.program_unit_bytes;
  if (!IsAligned<std::size_t>(offset, unit) || !IsAligned(data.size(), unit)) {
    return Fail(Code::kFlashUnaligned, Op::kNone, offset);
  }
  return data.empty() ? Status() : DoProgram(offset, data);
}

Status Flash::Erase(std::uint32_t offset, std::uint32_t length) {
  if (!InBounds(offset, length)) {
    return Fail(Code::kFlashOutOfBounds, Op::kNone, offset);
  }
  const std::uint32_t unit = geometry_.erase_unit_bytes;
  if (!IsAligned(offset, unit) || !IsAligned(length, unit)) {
    return Fail(Code::kFlashUnaligned, Op::kNone, offset);
  }
  for (std::uint32_t done = 0; done < length; done += unit) {
    STRATA_TRY(DoEraseUnit(offset + done));
  }
  return {};
}

}  // namespace strata::ports
