// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What a verification costs beside a bare lookup, and whether that and the memory stay what they
// are over a million. The fake service on one core; on another its clients, each a process of its
// own, in rounds that alternate.

#include "lookup.hpp"
#include "measured_process.hpp"
#include "median.hpp"
#include "support/process.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace bench = binarly::bench;
namespace testing = binarly::testing;
using bench::median;

constexpr std::uint64_t window = 256;  // as a run has it, by default
constexpr double most_cost = 1.3;
constexpr double most_growth = 1.1;
constexpr double most_peak = 48;

struct plan {
  int rounds = 9;
  std::uint64_t uploads = 100'000;
  std::vector<std::uint64_t> sizes{1'000, 10'000, 100'000, 1'000'000};

  void make_quick() {
    rounds = 1;
    uploads = 5'000;
    sizes = {1'000, 5'000};
  }
};

std::string tool() {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return here.parent_path() / "tools" / "binarly-images";
}

std::string peer() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lookups_each";
}

/// The fake service as the command has it, with a manifest of all its images.
class fake_server {
 public:
  fake_server(unsigned core, std::uint64_t images) : port_(testing::free_port()) {
    process_ = std::make_unique<bench::pinned_process>(
        std::vector<std::string>{tool(), "serve", "--port", std::to_string(port_), "--images",
                                 std::to_string(images), "--token", bench::token(), "--ca-out",
                                 file("ca.pem"), "--manifest-out", file("all.csv")},
        core);
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!std::filesystem::exists(file("all.csv")) || !testing::accepts_connections(port_)) {
      if (!process_->running() || std::chrono::steady_clock::now() > end) {
        throw std::runtime_error("the fake service does not start");
      }
      ::poll(nullptr, 0, 10);
    }
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_); }

  /// The first rows of the manifest.
  [[nodiscard]] std::string manifest_of(std::uint64_t rows) const {
    const auto path = file(std::to_string(rows) + ".csv");
    if (std::filesystem::exists(path)) return path;
    std::ifstream all(file("all.csv"));
    std::ofstream part(path);
    std::string line;
    for (std::uint64_t row = 0; row <= rows && std::getline(all, line); ++row)
      part << line << '\n';
    return path;
  }

 private:
  testing::temporary_directory directory_;
  std::uint16_t port_;
  std::unique_ptr<bench::pinned_process> process_;
};

class clients {
 public:
  clients(const fake_server& server, unsigned core) : server_(server), core_(core) {
    // The command takes no token as an argument.
    ::setenv("TOKEN", bench::token().c_str(), 1);
    ::setenv("BINARLY_API_URL", server.url().c_str(), 1);
  }

  [[nodiscard]] bench::usage look_up(std::uint64_t uploads, const std::string& terms) const {
    std::vector<std::string> words{peer(), server_.url(), server_.file("ca.pem"),
                                   server_.manifest_of(uploads)};
    if (!terms.empty()) words.push_back(terms);
    return bench::pinned_process(words, core_).wait();
  }
  [[nodiscard]] bench::usage verify(std::uint64_t uploads, bool journal) const {
    std::vector<std::string> words{
        tool(),   "verify", server_.manifest_of(uploads), "--ca-file", server_.file("ca.pem"),
        "--quiet"};
    if (journal) {
      words.insert(words.end(), {"--results", server_.file("out.jsonl"), "--overwrite"});
    }
    return bench::pinned_process(words, core_).wait();
  }

 private:
  const fake_server& server_;
  unsigned core_;
};

std::string verdict(bool met) { return met ? "met" : "not met"; }

void compare_costs(const clients& run, const plan& what) {
  std::vector<double> plain;
  std::vector<double> bulk;
  std::vector<double> verified;
  std::vector<double> journalled;
  std::vector<double> to_bulk;
  std::vector<double> to_plain;
  for (int round = -1; round < what.rounds; ++round) {
    const auto cost = [&](const bench::usage& used) {
      return used.processor.count() * 1e6 / static_cast<double>(what.uploads);
    };
    const double one = cost(run.look_up(what.uploads, ""));
    const double two = cost(run.look_up(what.uploads, "bulk"));
    const double three = cost(run.verify(what.uploads, false));
    const double four = cost(run.verify(what.uploads, true));
    if (round < 0) continue;
    plain.push_back(one);
    bulk.push_back(two);
    verified.push_back(three);
    journalled.push_back(four);
    to_bulk.push_back(four / two);
    to_plain.push_back(four / one);
  }
  std::cout << what.rounds << " rounds of " << what.uploads
            << " uploads after one to warm up; client CPU in us for each, start-up included, "
               "medians\n"
            << std::setprecision(2);
  const auto line = [](const char* name, const std::vector<double>& figures) {
    std::cout << std::left << std::setw(58) << name << std::right << std::setw(8) << median(figures)
              << '\n';
  };
  line("async_get_image, 256 at a time", plain);
  line("the same on a bulk run's terms (adaptive limit, joined)", bulk);
  line("verify", verified);
  line("verify, journal included", journalled);
  const auto ratio = [](const char* name, const std::vector<double>& ratios) {
    const auto [least, most] = std::ranges::minmax(ratios);
    std::cout << std::left << std::setw(58) << name << std::right << std::setw(8) << median(ratios)
              << "  (" << least << " to " << most << ')';
  };
  ratio("verify with journal / async_get_image on the same terms", to_bulk);
  std::cout << "  goal: at most " << most_cost << ", " << verdict(median(to_bulk) <= most_cost)
            << '\n';
  ratio("verify with journal / async_get_image", to_plain);
  std::cout << "\n\n";
}

/// Runs of so many uploads, each beside one of the first window alone.
struct sized_runs {
  std::vector<double> costs;  // us of CPU for an upload beyond that window
  double peak = 0;            // MiB, the most
  double rate = 0;            // uploads in a second, the most
};

sized_runs measure(const clients& run, std::uint64_t size, std::uint64_t times) {
  sized_runs all;
  for (std::uint64_t each = 0; each < times; ++each) {
    const auto start = run.verify(window, true);
    const auto used = run.verify(size, true);
    const double beyond = (used.processor - start.processor).count();
    all.costs.push_back(beyond * 1e6 / static_cast<double>(size - window));
    all.peak = std::max(all.peak, used.peak_mib);
    all.rate = std::max(all.rate, static_cast<double>(size) / used.wall.count());
  }
  return all;
}

/// The first window of uploads pays for reading the authorities and for the connections; what each
/// further one costs is what must stay the same. Whatever else the machine does makes a run cost
/// more, by more than the goal allows for: the sizes take turns, short runs are many, and of a
/// size's turns, each with its median, the cheapest counts.
void measure_growth(const clients& run, const plan& what) {
  const int turns = what.rounds == 1 ? 1 : 5;
  const std::uint64_t in_a_turn = what.rounds == 1 ? 5'000 : 100'000;
  std::vector<sized_runs> best(what.sizes.size());
  std::vector<double> least_cost(what.sizes.size(), std::numeric_limits<double>::max());
  for (int turn = 0; turn < turns; ++turn) {
    for (std::size_t each = 0; each < best.size(); ++each) {
      const auto size = what.sizes[each];
      const auto got = measure(run, size, std::max<std::uint64_t>(1, in_a_turn / size));
      least_cost[each] = std::min(least_cost[each], median(got.costs));
      best[each].peak = std::max(best[each].peak, got.peak);
      best[each].rate = std::max(best[each].rate, got.rate);
    }
  }
  std::cout << "verify with journal, beyond the first " << window << " uploads; the cheapest of "
            << turns << " turns\n"
            << std::setw(10) << "uploads" << std::setw(16) << "CPU us/upload" << std::setw(12)
            << "peak MiB" << std::setw(14) << "uploads/s" << '\n';
  for (std::size_t each = 0; each < best.size(); ++each) {
    std::cout << std::setw(10) << what.sizes[each] << std::setprecision(2) << std::setw(16)
              << least_cost[each] << std::setprecision(1) << std::setw(12) << best[each].peak
              << std::setprecision(0) << std::setw(14) << best[each].rate << '\n';
  }
  const auto [least, most] = std::ranges::minmax(least_cost);
  std::cout << std::setprecision(2) << "most / least CPU for an upload: " << most / least
            << "  goal: at most " << most_growth << ", " << verdict(most / least <= most_growth)
            << '\n';
  const double peak = best.back().peak;
  const double growth = peak / best[1].peak;
  std::cout << "peak memory of the longest run: " << std::setprecision(1) << peak
            << " MiB  goal: at most " << most_peak << ", " << verdict(peak <= most_peak)
            << "; against that of " << what.sizes[1] << " uploads: " << std::setprecision(2)
            << growth << "  goal: at most " << most_growth << ", " << verdict(growth <= most_growth)
            << '\n';
}

void run_all(const plan& what) {
  const auto cores = bench::choose_cores();
  const fake_server server(cores.server, what.sizes.back() + what.uploads);
  const clients run(server, cores.client);
  std::cout << std::fixed << "The fake service on core " << cores.server << ", its clients on core "
            << cores.client << '\n';
  compare_costs(run, what);
  measure_growth(run, what);
}

}  // namespace

int main(int argc, char** argv) try {
  plan what;
  CLI::App app("What a verification costs in bulk", "bulk");
  app.add_flag_callback(
      "--quick", [&what] { what.make_quick(); },
      "Only to see that it works: the figures say little");
  app.add_option("--rounds", what.rounds, "Rounds, beside one to warm up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  run_all(what);
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "bulk: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
