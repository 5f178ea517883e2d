// SPDX-License-Identifier: Apache-2.0
// Not a program to run: the least that uses the whole engine, so that the linker keeps exactly what
// a firmware would. tools/check_sizes reads the map. The ports are somebody else's and stay
// undefined here.
#include <new>

#include "strata/engine/engine.hpp"
#include "strata/engine/flash_key_store.hpp"

using strata::engine::Engine;
using strata::engine::EnginePorts;
using strata::engine::FlashKeyStore;
using strata::engine::KeySeed;

extern const strata::HardwareProfile* const size_probe_profile;
extern const EnginePorts* const size_probe_ports;
extern const KeySeed* const size_probe_seed;
extern volatile std::uint32_t size_probe_sink;

namespace {

alignas(16) std::byte engine_memory[sizeof(Engine)];
alignas(16) std::byte key_store_memory[sizeof(FlashKeyStore)];

}  // namespace

extern "C" void SizeProbe() {
  auto* keys =
      new (key_store_memory) FlashKeyStore(size_probe_ports->secure, size_probe_ports->crypto);
  if (!keys->Format(*size_probe_seed).ok()) {
    return;
  }
  EnginePorts ports = {size_probe_ports->internal,
                       size_probe_ports->external,
                       size_probe_ports->secure,
                       size_probe_ports->crypto,
                       size_probe_ports->entropy,
                       size_probe_ports->clock,
                       size_probe_ports->app,
                       size_probe_ports->cloud,
                       *keys,
                       size_probe_ports->identity,
                       size_probe_ports->observer};
  auto* engine = new (engine_memory) Engine(*size_probe_profile, ports);
  if (!engine->Boot()) {
    return;
  }
  const auto challenge = engine->ChallengeDebugger();
  if (challenge.ok() && engine->OpenDebugging({}).ok() && engine->debugging_open()) {
    size_probe_sink = 1;
  }
  for (;;) {
    size_probe_sink = engine->Step().wait_ms;
    size_probe_sink = engine->snapshot().boot_count;
  }
}
