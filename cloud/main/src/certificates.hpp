// SPDX-License-Identifier: Apache-2.0
/// What the HTTP edge needs of certificates, over cloud/pki.
#pragma once

#include "strata/cloud/domain/clock.hpp"
#include "strata/cloud/http/server.hpp"
#include "strata/cloud/pki/pki_dir.hpp"

namespace strata::cloud {

class PkiCertificates final : public DeviceCertificates {
 public:
  /// Both outlive this object.
  PkiCertificates(const pki::PkiDir& pki, Clock& clock) : pki_(pki), clock_(clock) {}

  ApiResult<PublicKey> CheckRequest(std::string_view csr_pem) override;
  ApiResult<std::string> Issue(const DeviceSid& device, const PublicKey& key) override;
  ApiResult<std::vector<std::uint8_t>> Renew(const DeviceIdentity& device,
                                             ByteSpan csr_der) override;

 private:
  const pki::PkiDir& pki_;
  Clock& clock_;
};

}  // namespace strata::cloud
