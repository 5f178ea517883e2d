// SPDX-License-Identifier: Apache-2.0
/// What lies outside /v1 on the people's listener: the console's pages and its sessions.
/// Reference: docs/spec/console.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "console_files.hpp"
#include "message.hpp"
#include "router.hpp"

namespace strata::cloud::http {

/// "/" or "/console" or below it.
bool IsConsole(std::string_view path);

/// The answer to a GET or HEAD of one of its pages and files. `files` may be nullptr: none
/// installed. Paths without a file whose last segment has no dot are pages: they get index.html.
Response ConsolePage(const Request& request, const ConsoleFiles* files);

/// `/console/session`, open to everyone who comes from the console's own pages.
std::span<const Route> ConsoleRoutes();

/// The session's secret in the request's cookie; empty: none.
std::string_view SessionToken(const Request& request);

/// Whether a browser is known to have sent it. It must not be asked for a password: it would keep
/// it, and send it with whatever any page makes it send.
bool IsFromBrowser(const Request& request);

/// What every answer of the console carries: no foreign script, frame or referrer.
void DressConsole(Response& response);

/// 403/20006 for what IsFromOwnPage() or IsForeignForm() refuses.
ApiError ForeignPage();

}  // namespace strata::cloud::http
