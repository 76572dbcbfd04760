// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What finding checksums in a large CycloneDX report costs, beside jq, which is what the platform's
// guides use: the same extraction out of the same file, each in a process of its own on one core,
// taking turns, so that a machine whose speed drifts hurts both alike.

#include "domain/sbom_reader.hpp"
#include "measured_process.hpp"
#include "median.hpp"

#include <binarly/image_hashes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace bench = binarly::bench;
namespace fs = std::filesystem;

constexpr std::size_t whole_size = 200'000'000;
constexpr std::size_t quick_size = 5'000'000;
constexpr int whole_rounds = 3;
constexpr double goal = 10;
constexpr std::string_view wanted = "component-77";

/// All checksums of the image, and those of the components of one name, however deep.
const std::string filter = R"jq((.metadata.component.hashes[] | "\(.alg)\t\(.content)"), )jq"
                           R"jq((def all: .components[]? | ., all; all | select(.name == ")jq" +
                           std::string(wanted) + R"jq(") | .hashes[] | "\(.alg)\t\(.content)"))jq";

std::string digits(std::uint64_t number, std::size_t count) {
  std::string text;
  while (text.size() < count) {
    number = number * 6364136223846793005U + 1442695040888963407U;
    text += "0123456789abcdef"[number >> 60U];
  }
  return text;
}

std::string hashes(std::uint64_t number) {
  return R"("hashes":[{"alg":"MD5","content":")" + digits(number, 32) +
         R"("},{"alg":"SHA-1","content":")" + digits(number + 1, 40) +
         R"("},{"alg":"SHA-256","content":")" + digits(number + 2, 64) + R"("}])";
}

std::string component(std::uint64_t number) {
  const std::string n = std::to_string(number);
  return R"({"bom-ref":"pkg:generic/component-)" + n + R"(@1.)" + n +
         R"(","type":"library","supplier":{"name":"Example"},"name":"component-)" + n +
         R"(","version":"1.)" + n + R"(","scope":"required",)" + hashes(number) +
         R"(,"licenses":[{"license":{"id":"BSD-3-Clause"}}],"purl":"pkg:generic/component-)" + n +
         R"(@1.)" + n + R"(","properties":[{"name":"path","value":"/usr/lib/component-)" + n +
         R"(.so"},{"name":"size","value":")" + std::to_string(number * 7919 % 1'000'000) + R"("}])";
}

void write_report(const fs::path& path, std::size_t size) {
  std::ofstream out(path, std::ios::binary);
  std::size_t written = 0;
  const auto put = [&](const std::string& text) {
    out << text;
    written += text.size();
  };
  put(R"({"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{"component":)"
      R"({"type":"firmware","name":"image","version":"1.0",)" +
      hashes(1) + R"(}},"components":[)");
  for (std::uint64_t number = 0; written < size; number += 2) {
    put((number == 0 ? "" : ",\n") + component(number) + R"(,"components":[)" +
        component(number + 1) + "}]}");
  }
  put("]}\n");
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// What the measured process does.
int read_report(const char* path) {
  const auto query = std::make_shared<binarly::hash_query>();
  query->files.emplace_back(wanted);
  binarly::domain::sbom_reader reader(query);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  std::array<char, 16 * 1024> piece;
  ssize_t count = -1;
  while (file >= 0 && (count = ::read(file, piece.data(), piece.size())) > 0)
    reader.write({piece.data(), static_cast<std::size_t>(count)});
  if (count < 0) throw std::runtime_error(std::string("cannot read ") + path);
  ::close(file);
  const auto found = reader.finish();
  if (!found) throw std::runtime_error(found.error().message());
  const auto print = [](const std::vector<binarly::checksum>& all) {
    for (const auto& each : all)
      std::cout << each.algorithm << '\t' << each.value << '\n';
  };
  print(found->own);
  for (const auto& each : found->files)
    print(each.checksums);
  return EXIT_SUCCESS;
}

/// A directory that goes with the program.
class scratch {
 public:
  scratch() {
    std::string pattern = (fs::temp_directory_path() / "sbom-hashes-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

void print(const char* name, const std::vector<bench::usage>& all, double megabytes) {
  std::vector<double> processor;
  std::vector<double> wall;
  for (const auto& each : all) {
    processor.push_back(each.processor.count());
    wall.push_back(each.wall.count());
  }
  std::cout << std::left << std::setw(14) << name << std::right << std::setprecision(3)
            << std::setw(10) << bench::median(processor) << std::setw(10) << bench::median(wall)
            << std::setprecision(0) << std::setw(10) << megabytes / bench::median(processor)
            << std::setprecision(1) << std::setw(12) << all.front().peak_mib << '\n';
}

int compare(bool quick) {
  const scratch folder;
  const auto report = (folder.path() / "report.json").string();
  write_report(report, quick ? quick_size : whole_size);
  const double megabytes = static_cast<double>(fs::file_size(report)) / 1e6;
  const auto core = bench::choose_cores().client;
  const std::string self = fs::read_symlink("/proc/self/exe");

  std::vector<bench::usage> ours;
  std::vector<bench::usage> jq;
  std::vector<double> processor;
  std::vector<double> wall;
  for (int round = 0; round < (quick ? 1 : whole_rounds); ++round) {
    ours.push_back(bench::pinned_process({self, "--read", report}, core).wait());
    jq.push_back(bench::pinned_process({BENCH_JQ, "-r", filter, report}, core).wait());
    if (ours.back().output != jq.back().output || ours.back().output.empty()) {
      throw std::runtime_error("jq finds other checksums:\n" + jq.back().output + "and we:\n" +
                               ours.back().output);
    }
    processor.push_back(jq.back().processor / ours.back().processor);
    wall.push_back(jq.back().wall / ours.back().wall);
  }
  std::cout << std::fixed << std::setprecision(0) << "sbom_hashes: a CycloneDX report of "
            << megabytes << " MB\n"
            << std::setw(24) << "CPU s" << std::setw(10) << "wall s" << std::setw(10) << "MB/s"
            << std::setw(12) << "peak MiB" << '\n';
  print("ours", ours, megabytes);
  print("jq", jq, megabytes);
  std::cout << std::setprecision(1) << "jq / ours: " << bench::median(processor)
            << " times the processor time, " << bench::median(wall)
            << " times the wall clock; goal: at least " << std::setprecision(0) << goal << ", "
            << (bench::median(processor) >= goal ? "met" : "not met") << '\n';
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::vector<std::string_view> arguments(words + 1, words + count);
    if (arguments.size() == 2 && arguments[0] == "--read") return read_report(words[2]);
    if (arguments.empty()) return compare(false);
    if (arguments.size() == 1 && arguments[0] == "--quick") return compare(true);
    std::cerr << "usage: sbom_hashes [--quick]\n";
  } catch (const std::exception& problem) {
    std::cerr << "sbom_hashes: " << problem.what() << '\n';
  }
  return EXIT_FAILURE;
}
