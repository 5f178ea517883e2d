// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/explorer.hpp"

#include <algorithm>
#include <cstdio>
#include <new>
#include <random>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr std::string_view kSecureMedium = "secure";
/// A case that does not end is a failure. Far beyond what any case takes on any machine.
constexpr unsigned kHangSeconds = 300;
/// How far behind a cut the next one may fall, where it is to meet the boot's own writes.
constexpr std::uint64_t kSoonOperations = 8;

constexpr CutKind kDeepKinds[] = {
    CutKind::kInside, CutKind::kAfter, CutKind::kSeemsDone, CutKind::kSeemsUndone};
// A third cut comes behind those two kinds of which the others are shades.
constexpr CutKind kDeepestKinds[] = {CutKind::kInside, CutKind::kAfter};

bool IsShade(const Cut& cut) {
  return cut.kind == CutKind::kBefore || cut.kind == CutKind::kSeemsUndone;
}

std::uint64_t Hash(std::uint64_t seed, const std::vector<Cut>& cuts, std::uint64_t operation) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = (seed + 1) * kOdd;
  const auto mix = [&hash](std::uint64_t value) {
    hash = (hash ^ value) * kOdd;
    hash ^= hash >> 29;
  };
  for (const Cut& cut : cuts) {
    mix(cut.operation * 8 + static_cast<std::uint64_t>(cut.kind));
  }
  mix(operation);
  return hash;
}

bool Before(const std::vector<Cut>& a, const std::vector<Cut>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](const Cut& x, const Cut& y) {
        return x.operation != y.operation ? x.operation < y.operation : x.kind < y.kind;
      });
}

}  // namespace

Explorer::Explorer(Runner& runner) : runner_(runner) {
  void* shared =
      mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    Panic("no shared memory");
  }
  tally_ = new (shared) Tally();
}

Explorer::~Explorer() {
  munmap(tally_, sizeof(Tally));
}

CaseId Explorer::Here() const {
  CaseId id = runner_.IdOf(cuts_, seed_);
  id.fault = fault_;
  return id;
}

// True in the child. The parent goes on when the child has ended.
bool Explorer::Split() {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    Panic("no further process");
  }
  if (child == 0) {
    child_ = true;
    alarm(kHangSeconds);
    return true;
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    // A panic has said why; anything else has not.
    std::fprintf(stderr, "DIED %s: signal %d\n", RunId().c_str(), WTERMSIG(status));
    ++tally_->failures;
  }
  return false;
}

std::vector<CutKind> Explorer::KindsAt(std::uint64_t operation, bool secure) const {
  const auto depth = static_cast<int>(cuts_.size());
  if (depth >= depths_.deepest || tally_->failures >= max_failures_) {
    return {};
  }
  if (depth == 0) {
    return {std::begin(kAllCutKinds), std::end(kAllCutKinds)};
  }
  const bool shaded = depth > 1 && std::any_of(cuts_.begin(), cuts_.end(), IsShade);
  if (secure && all_secure_ && !shaded) {
    return depth == 1 ? std::vector<CutKind>(std::begin(kDeepKinds), std::end(kDeepKinds))
                      : std::vector<CutKind>(std::begin(kDeepestKinds), std::end(kDeepestKinds));
  }
  const std::uint64_t hash = Hash(seed_, cuts_, operation);
  if (hash % (depth == 1 ? depths_.one_in : depths_.one_in_third) != 0) {
    return {};
  }
  return {kAllCutKinds[(hash >> 32) % std::size(kAllCutKinds)]};
}

std::optional<CutKind> Explorer::Choose(std::uint64_t operation, std::string_view medium) {
  const bool secure = medium == kSecureMedium;
  for (const CutKind kind : KindsAt(operation, secure)) {
    cuts_.push_back({operation, kind});
    SetRunId(Here().Text());
    if (Split()) {
      all_secure_ = all_secure_ && secure;
      return kind;
    }
    cuts_.pop_back();
  }
  SetRunId(Here().Text());
  return std::nullopt;
}

std::optional<CutKind> Explorer::ChooseListed(std::uint64_t operation) {
  if (child_) {
    if (pending_.empty() || pending_.front().operation != operation) {
      return std::nullopt;
    }
    const CutKind kind = pending_.front().kind;
    pending_.erase(pending_.begin());
    return kind;
  }
  while (next_listed_ < listed_.size() && listed_[next_listed_].front().operation == operation &&
         tally_->failures < max_failures_) {
    cuts_ = listed_[next_listed_++];
    SetRunId(Here().Text());
    if (Split()) {
      pending_.assign(cuts_.begin() + 1, cuts_.end());
      return cuts_.front().kind;
    }
    cuts_.clear();
  }
  SetRunId(Here().Text());
  return std::nullopt;
}

void Explorer::Conclude(const std::string& wrong) {
  if (!wrong.empty()) {
    std::fprintf(stderr, "FAIL %s: %s\n", Here().Text().c_str(), wrong.c_str());
    ++tally_->failures;
  }
  ++tally_->cases;
  ++tally_->by_depth[std::min<std::size_t>(cuts_.size(), std::size(tally_->by_depth) - 1)];
  tally_->faults += fault_ ? 1 : 0;
  if (child_) {
    std::fflush(nullptr);
    _exit(0);
  }
}

// Whatever was chosen: this process' case runs to its end here.
void Explorer::RunTree(std::uint64_t seed) {
  seed_ = seed;
  cuts_.clear();
  fault_.reset();
  all_secure_ = true;
  const std::string wrong = runner_.Finish();
  if (!child_) {
    tally_->operations = runner_.device().power().operations();
  }
  Conclude(wrong);
}

void Explorer::Exhaust(std::uint64_t seed, const Depths& depths) {
  depths_ = depths;
  seed_ = seed;
  if (const std::string wrong = runner_.Start(seed); !wrong.empty()) {
    Conclude(wrong);
    return;
  }
  SetRunId(Here().Text());
  runner_.device().power().SetChooser([this](std::uint64_t operation, std::string_view medium) {
    return Choose(operation, medium);
  });
  RunTree(seed);
}

std::vector<Explorer::Cuts> Explorer::DrawCases(std::uint64_t seed,
                                                std::uint64_t count,
                                                const std::vector<bool>& secure) const {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> journal;
  for (std::uint64_t i = 0; i < secure.size(); ++i) {
    if (secure[i]) {
      journal.push_back(i);
    }
  }
  std::vector<Cuts> cases;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t depth = random() % 8 < 4 ? 1 : 2 + random() % 2;
    const bool near_journal = !journal.empty() && random() % 2 == 0;
    Cuts& cuts = cases.emplace_back();
    std::uint64_t at = near_journal ? journal[random() % journal.size()] : random() % secure.size();
    for (std::uint64_t d = 0; d < depth; ++d) {
      cuts.push_back({at, kAllCutKinds[random() % std::size(kAllCutKinds)]});
      at += 1 + random() % (random() % 2 == 0 ? kSoonOperations : secure.size());
    }
  }
  std::sort(cases.begin(), cases.end(), Before);
  cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
  return cases;
}

void Explorer::Sample(std::uint64_t seed, std::uint64_t count) {
  seed_ = seed;
  std::vector<bool> secure;
  std::string wrong = runner_.Start(seed);
  if (wrong.empty()) {
    SetRunId(Here().Text());
    runner_.device().power().SetChooser(
        [&secure](std::uint64_t, std::string_view medium) -> std::optional<CutKind> {
          secure.push_back(medium == kSecureMedium);
          return std::nullopt;
        });
    wrong = runner_.Finish();
  }
  if (!wrong.empty() || secure.empty()) {
    Conclude(wrong);
    return;
  }
  listed_ = DrawCases(seed, count, secure);
  next_listed_ = 0;
  static_cast<void>(runner_.Start(seed));
  runner_.device().power().SetChooser(
      [this](std::uint64_t operation, std::string_view) { return ChooseListed(operation); });
  RunTree(seed);
}

bool Explorer::FailsHere(PortName port, std::uint64_t call, std::uint64_t stride) {
  const std::uint64_t number = call - runner_.CallsBefore(port);
  if (fault_ || number % stride != seed_ % stride || tally_->failures >= max_failures_) {
    return false;
  }
  fault_ = Fault{port, number};
  SetRunId(Here().Text());
  if (Split()) {
    runner_.ExpectFaults();
    return true;
  }
  fault_.reset();
  SetRunId(Here().Text());
  return false;
}

void Explorer::FailCalls(std::uint64_t seed, PortName port, std::uint64_t stride) {
  seed_ = seed;
  if (const std::string wrong = runner_.Start(seed); !wrong.empty()) {
    Conclude(wrong);
    return;
  }
  SetRunId(Here().Text());
  runner_.device().FaultsOf(port).SetChooser(
      [this, port, stride](std::uint64_t call) { return FailsHere(port, call, stride); });
  RunTree(seed);
}

}  // namespace strata::sim
