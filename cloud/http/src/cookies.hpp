// SPDX-License-Identifier: Apache-2.0
/// What browsers say in headers: Cookie (RFC 6265 §5.4), Accept-Encoding (RFC 9110 §12.5.3), where
/// a request comes from. Input is attacker-controlled.
#pragma once

#include <string_view>

#include "message.hpp"

namespace strata::cloud::http {

/// The value of the cookie `name`; empty when it is not there, or there twice: then someone else
/// set one of them.
std::string_view CookieValue(std::string_view cookies, std::string_view name);

/// Which codings the client takes beside the plain bytes.
struct AcceptedCodings {
  bool brotli = false;
  bool gzip = false;
};

AcceptedCodings ParseAcceptEncoding(std::string_view value);

/// Whether a page of this very server sent the request, as far as the browser tells: not one of
/// another origin, and for a method that changes something with the header `Strata-Console`, which
/// no form and no page of another origin can send.
bool IsFromOwnPage(const Request& request);

/// Whether a page of another origin made the browser send it in a way that needs nobody's leave: a
/// link, a form, an image; from a browser that says no more than `Origin`, also a script.
/// Credentials in it are the browser's own.
bool IsForeignForm(const Request& request);

}  // namespace strata::cloud::http
