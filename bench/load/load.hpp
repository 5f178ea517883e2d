// SPDX-License-Identifier: Apache-2.0
/// The loads that bench_load makes.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"

namespace strata::bench {

struct GetOptions {
  Url url;
  std::string identity;            ///< PEM file of a client certificate and its key, or empty
  std::vector<std::string> paths;  ///< asked for in turn
  unsigned connections = 64;
  double seconds = 5;
};

/// Asks for the paths over and over on all connections, each waiting for its answer. Prints one
/// JSON object: requests, bytes (of bodies), seconds, p50_ms, p99_ms.
void RunGet(const GetOptions& options);

struct FleetOptions {
  Url url;
  std::string directory;  ///< of identities: 0.pem, 1.pem …
  unsigned count = 0;
};

/// Makes `count` devices over the people's API with new keys, and writes their identities.
void RunProvision(const FleetOptions& options);

/// Each device connects, learns its desired state and waits for the next. Prints "waiting N" once
/// all wait and holds the connections until standard input ends; a device that got an answer before
/// that is a failure.
void RunPolls(const FleetOptions& options);

}  // namespace strata::bench
