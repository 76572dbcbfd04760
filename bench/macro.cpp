// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What a lookup costs beside other clients. One nginx on one core; on another the clients, each a
// process of its own, in rounds that alternate, so that a machine whose speed drifts hurts all
// alike. What a client costs is what its process used from start to end.

#include "lookup.hpp"
#include "measured_process.hpp"
#include "median.hpp"
#include "nginx_server.hpp"

#include <binarly/testing/fake_service.hpp>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using bench::median;

/// Above this the server's core had no time to spare.
constexpr double busy_share = 0.9;

struct plan {
  int rounds = 5;
  std::uint64_t lookups = 200'000;
  std::uint64_t idle_connections = 500;
  std::uint64_t burst = 1'000;

  void make_quick() {
    rounds = 1;
    lookups = 20'000;
    idle_connections = 100;
    burst = 300;
  }
};

/// What one client needed in one round.
struct sample {
  double rate = 0;       // lookups in a second
  double processor = 0;  // microseconds for each lookup
  double peak_mib = 0;
  double connections = 0;
  double server_share = 0;  // of the server's core
};

struct contender {
  std::string name;
  std::vector<std::string> words;
  bool counts_itself = false;  // runs for some seconds, rather than for a number of lookups
  std::vector<sample> samples;

  [[nodiscard]] std::vector<double> all(double sample::*figure) const {
    std::vector<double> figures;
    for (const auto& each : samples)
      figures.push_back(each.*figure);
    return figures;
  }
};

/// "1234 requests in 4.00s, ..."
double count_of_wrk(const std::string& output) {
  const auto end = output.find(" requests in ");
  if (end == output.npos || output.find("Non-2xx") != output.npos ||
      output.find("Socket errors") != output.npos) {
    throw std::runtime_error("wrk says:\n" + output);
  }
  const auto begin = output.find_last_not_of("0123456789", end - 1) + 1;
  return std::stod(output.substr(begin, end - begin));
}

sample run(const contender& which, const bench::nginx_server& server, unsigned core,
           double lookups) {
  const auto server_before = server.processor_time();
  const auto used = bench::pinned_process(which.words, core).wait();
  const auto server_used = server.processor_time() - server_before;
  sample figures;
  figures.connections = static_cast<double>(bench::connections);
  if (which.counts_itself) {
    lookups = count_of_wrk(used.output);
  } else {
    figures.connections = std::stod(used.output);
  }
  figures.rate = lookups / used.wall.count();
  figures.processor = used.processor.count() * 1e6 / lookups;
  figures.peak_mib = used.peak_mib;
  figures.server_share = server_used / used.wall;
  return figures;
}

std::string folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

std::vector<contender> contenders(const bench::nginx_server& server, std::uint64_t lookups) {
  const auto port = std::to_string(server.port());
  const auto words = [&](const std::string& program, std::vector<std::string> more = {}) {
    std::vector<std::string> all{folder() + '/' + program, port, server.ca_file(),
                                 std::to_string(lookups)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  // About as long as the others take.
  const auto time = std::max<std::uint64_t>(lookups / 50'000, 1);
  std::vector<contender> all;
  all.push_back({"ours", words("lookups_ours"), false, {}});
  all.push_back({"ours, single_threaded", words("lookups_ours", {"single-threaded"}), false, {}});
  all.push_back({"ours, 64 connections", words("lookups_ours", {"all-connections"}), false, {}});
  all.push_back({"ours, adaptive limit", words("lookups_ours", {"adaptive-limit"}), false, {}});
  all.push_back({"ours, a listener", words("lookups_ours", {"listener"}), false, {}});
  all.push_back({"ours, metrics", words("lookups_ours", {"metrics"}), false, {}});
  all.push_back({"Beast loop", words("lookups_beast"), false, {}});
  all.push_back({"libcurl multi", words("lookups_curl"), false, {}});
  all.push_back({"libcurl multi, epoll", words("lookups_curl", {"epoll"}), false, {}});
  all.push_back(
      {"wrk",
       {BENCH_WRK, "-t1", "-c" + std::to_string(bench::connections),
        "-d" + std::to_string(time) + "s", "-H", "Authorization: Bearer " + bench::token(),
        "https://" + std::string(bench::host) + ':' + port + bench::target()},
       true,
       {}});
  return all;
}

void print_samples(const std::vector<contender>& all) {
  std::cout << std::left << std::setw(24) << "" << std::right << std::setw(12) << "lookups/s"
            << std::setw(16) << "CPU us/lookup" << std::setw(12) << "peak MiB" << std::setw(14)
            << "connections" << std::setw(15) << "server's core" << '\n';
  for (const auto& each : all) {
    std::cout << std::left << std::setw(24) << each.name << std::right << std::setprecision(0)
              << std::setw(12) << median(each.all(&sample::rate)) << std::setprecision(2)
              << std::setw(16) << median(each.all(&sample::processor)) << std::setprecision(1)
              << std::setw(12) << median(each.all(&sample::peak_mib)) << std::setprecision(0)
              << std::setw(14) << median(each.all(&sample::connections)) << std::setw(13)
              << 100 * median(each.all(&sample::server_share)) << " %"
              << (median(each.all(&sample::server_share)) >= busy_share ? "  <- the limit" : "")
              << '\n';
  }
}

void print_ratio(const contender& ours, const contender& other, std::optional<double> goal = {}) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.samples.size(); ++i)
    ratios.push_back(ours.samples[i].processor / other.samples[i].processor);
  const auto [least, most] = std::ranges::minmax(ratios);
  std::cout << std::left << std::setw(46) << ours.name + " / " + other.name << std::right
            << std::setprecision(2) << median(ratios) << "  (" << least << " to " << most << ')';
  if (goal) {
    std::cout << "  goal: at most " << *goal << ", "
              << (median(ratios) <= *goal ? "met" : "not met");
  }
  std::cout << '\n';
}

void compare_clients(const bench::nginx_server& server, unsigned core, const plan& what) {
  auto all = contenders(server, what.lookups);
  std::cout << what.rounds << " rounds of " << what.lookups
            << " lookups after one to warm up; medians\n";
  for (int round = -1; round < what.rounds; ++round) {
    for (auto& each : all) {
      const sample figures = run(each, server, core, static_cast<double>(what.lookups));
      if (round >= 0) each.samples.push_back(figures);
    }
  }
  print_samples(all);
  std::cout << "\nClient CPU, median of the ratios within each round (least to most)\n";
  const auto named = [&](std::string_view name) -> const contender& {
    return *std::ranges::find(all, name, &contender::name);
  };
  for (const auto* name : {"ours", "ours, single_threaded", "ours, 64 connections"}) {
    print_ratio(named(name), named("wrk"), 1.30);
    print_ratio(named(name), named("Beast loop"));
    print_ratio(named(name), named("libcurl multi"), 0.35);
    print_ratio(named(name), named("libcurl multi, epoll"), 0.35);
  }
  for (const auto* name : {"ours, a listener", "ours, metrics", "ours, adaptive limit"})
    print_ratio(named(name), named("ours"));
  std::cout << std::endl;
}

/// Whole handshakes at a server that grants no session, resumed ones, and none: what a connection
/// costs without TLS is taken off the others.
void measure_handshakes(const bench::nginx_server& server, const bench::core_pair& cores,
                        const plan& what) {
  const bench::nginx_server forgetful(cores.server, "ssl_session_tickets off;");
  const bench::nginx_server bare(cores.server, {}, bench::nginx_server::speaks::http);
  const auto count = std::to_string(what.idle_connections);
  std::vector<double> plain, whole, resumed, ratios;
  std::uint64_t went_on = 0;
  for (int round = 0; round < what.rounds; ++round) {
    const auto cost = [&](const bench::nginx_server& at, const std::string& word) {
      bench::pinned_process client(
          {folder() + "/handshakes", std::to_string(at.port()), at.ca_file(), count, word},
          cores.client);
      std::istringstream printed(client.wait().output);
      double each = 0;
      if (!(printed >> each >> went_on)) throw std::runtime_error("handshakes printed no figures");
      return each;
    };
    plain.push_back(cost(bare, "plain"));
    whole.push_back(cost(forgetful, "tls"));
    if (went_on != 0) throw std::runtime_error("a session was resumed that nobody had granted");
    resumed.push_back(cost(server, "tls"));
    ratios.push_back((resumed.back() - plain.back()) / (whole.back() - plain.back()));
  }
  std::cout << std::setprecision(0) << "A connection, one lookup and the close: " << median(plain)
            << " us of CPU without TLS, " << median(whole) << " with it, " << median(resumed)
            << " resumed (" << went_on << " of " << count << ")\nA resumed handshake alone costs "
            << std::setprecision(2) << median(ratios) << " of a whole one; goal: less than 0.50, "
            << (median(ratios) < 0.5 ? "met" : "not met") << std::endl;
}

void measure_idle_connections(const bench::nginx_server& server, unsigned core, const plan& what) {
  bench::pinned_process client({folder() + "/idle_memory", std::to_string(server.port()),
                                server.ca_file(), std::to_string(what.idle_connections)},
                               core);
  std::cout << client.wait().output << std::endl;
}

void measure_burst(std::uint16_t port, const std::string& ca_file, const image_ref& ref,
                   const std::string& version, unsigned core, const plan& what) {
  bench::pinned_process client(
      {folder() + "/cold_burst", std::to_string(port), ca_file, std::to_string(what.burst),
       std::to_string(what.rounds), ref.product_id(), ref.image_id(), version},
      core);
  std::cout << client.wait().output << std::endl;
}

/// A service in a thread of this process whose answers come as late as over a wide network.
class far_service {
 public:
  explicit far_service(unsigned core) : context_(1) {
    testing::fake_service_options served;
    served.latency = std::chrono::milliseconds(20);
    service_.emplace(context_.get_executor(), served);
    ca_file_ = directory_.write("ca.pem", service_->ca_pem()).string();
    thread_ = std::thread([this, core] {
      bench::pin(core);
      context_.run();
    });
  }
  ~far_service() {
    service_.reset();
    thread_.join();
  }
  far_service(const far_service&) = delete;
  far_service& operator=(const far_service&) = delete;

  [[nodiscard]] const testing::fake_service& service() const { return *service_; }
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }

 private:
  asio::io_context context_;
  testing::temporary_directory directory_;
  std::optional<testing::fake_service> service_;
  std::string ca_file_;
  std::thread thread_;
};

void run_all(const plan& what) {
  const auto cores = bench::choose_cores();
  const bench::nginx_server server(cores.server);
  std::cout << std::fixed << "nginx on core " << cores.server << ", its clients on core "
            << cores.client << "; TLS 1.3, P-256, a token of " << bench::token().size()
            << " bytes, answers of " << bench::answer().size() << '\n';
  compare_clients(server, cores.client, what);
  measure_handshakes(server, cores, what);
  measure_idle_connections(server, cores.client, what);

  std::cout << "A cold burst of " << what.burst << " lookups; medians of " << what.rounds << '\n'
            << "At nginx, on loopback:\n";
  measure_burst(server.port(), server.ca_file(), image_ref(bench::product, bench::image),
                std::string(bench::version), cores.client, what);
  std::cout << "With each answer 20 ms late:\n";
  const far_service far(cores.server);
  const auto upload = far.service().image_at(0);
  measure_burst(far.service().port(), far.ca_file(), upload.ref, upload.version, cores.client,
                what);
}

}  // namespace

int main(int argc, char** argv) try {
  plan what;
  CLI::App app("What a lookup costs beside other clients", "macro");
  app.add_flag_callback(
      "--quick", [&what] { what.make_quick(); },
      "Only to see that it works: the figures say little");
  app.add_option("--rounds", what.rounds, "Rounds, beside one to warm up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--lookups", what.lookups, "Lookups of each client in each round")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  run_all(what);
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "macro: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
