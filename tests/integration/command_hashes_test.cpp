// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// `binarly-images hashes`, a process of its own: what it prints, and what it takes.

#include "bench/measured_process.hpp"
#include "support/client_raw_server.hpp"
#include "support/command.hpp"
#include "support/report_cases.hpp"
#include "support/sanitized.hpp"
#include "testing/fake_report.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace binarly::testing {
namespace {

using namespace std::string_literals;

/// Of 200 MB, about; a sanitizer would take its time.
constexpr std::uint64_t large_report = sanitized ? 20'000 : 560'000;
constexpr double most_added_mib = 4;

std::string lines_for(const std::vector<checksum>& all, const std::string& name) {
  std::string lines;
  for (const auto& one : all)
    lines += one.algorithm + '\t' + one.value + '\t' + name + '\n';
  return lines;
}

words hashes_of(const served& remote, const image_ref& ref, const words& more = {}) {
  words arguments{"hashes", ref.product_id(), ref.image_id(), "--ca-file", remote.ca()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

fake_service_options with_components(std::uint64_t count, bool gzip) {
  fake_service_options options;
  options.report_components = count;
  options.gzip_reports = gzip;
  return options;
}

/// The peak of a process that finds the checksums of a service's image 1.
double peak_mib(std::uint64_t components, bool gzip, const std::string& format) {
  served remote(with_components(components, gzip));
  const auto image = remote.service().image_at(1);
  const auto last = "component-" + std::to_string(components - 1);
  words arguments =
      hashes_of(remote, image.ref,
                {"--format", format, "--file", last, "--base-url", remote.service().base_url(),
                 "--token-file", remote.write("token", secret)});
  bench::pinned_process process(command(arguments), bench::choose_cores().client);
  const auto used = process.wait();
  CHECK(contains(used.output, "SHA-256\t" + image.sha256 + '\t' + image.ref.image_id() + '\n'));
  CHECK(contains(used.output, lines_for(remote.service().checksums_of(1, last), last)));
  return used.peak_mib;
}

std::size_t report_size(std::uint64_t components, sbom_format format) {
  const fake_catalogue catalogue(1, 1000, 4);
  report_order order;
  order.number = 1;
  order.format = format;
  order.components = components;
  fake_report report(catalogue, order);
  std::size_t size = 0;
  std::string piece;
  while (report.next(piece)) {
    size += piece.size();
    piece.clear();
  }
  return size;
}

}  // namespace

TEST_CASE("hashes prints a line for each checksum, of the image and then of the files") {
  served remote;
  const auto image = remote.service().image_at(2);
  const auto& id = image.ref.image_id();
  const auto own =
      lines_for({{"SHA-256", image.sha256}, {"SHA-1", image.sha1}, {"MD5", image.md5}}, id);
  const auto component = lines_for(remote.service().checksums_of(2, "component-9"), "component-9");
  const auto firmware = lines_for(remote.service().checksums_of(2, "firmware.bin"), "firmware.bin");
  for (const auto* const format : {"cyclonedx", "spdx"}) {
    CAPTURE(format);
    auto end = run_command(hashes_of(remote, image.ref, {"--format", format}), remote.variables());
    CHECK(end.code == 0);
    CHECK(end.errors.empty());
    CHECK(end.output == own);
    end = run_command(hashes_of(remote, image.ref,
                                {"--format", format, "--file", "component-9", "--file",
                                 "firmware.bin", "--file", "component-9"}),
                      remote.variables());
    CHECK(end.code == 0);
    CHECK(end.output == own + component + firmware);
    // In any order, and options before ids.
    end = run_command(
        {"hashes", "--file", "component-9", "--algorithm", "sha256", "--algorithm", "MD5",
         image.ref.product_id(), id, "--ca-file", remote.ca(), "--format", format},
        remote.variables());
    CHECK(end.code == 0);
    CHECK(end.output == lines_for({{"SHA-256", image.sha256}, {"MD5", image.md5}}, id) +
                            lines_for({remote.service().checksums_of(2, "component-9")[0],
                                       remote.service().checksums_of(2, "component-9")[2]},
                                      "component-9"));
  }
  words variables = remote.variables();
  variables.push_back("BINARLY_PRODUCT_ID=" + image.ref.product_id());
  CHECK(run_command({"hashes", id, "--ca-file", remote.ca()}, variables).output == own);
}

TEST_CASE("hashes names what the report does not hold, and prints the rest") {
  served remote;
  const auto image = remote.service().image_at(2);
  auto end = run_command(
      hashes_of(remote, image.ref,
                {"--algorithm", "SHA-256", "--algorithm", "sha-512", "--file", "absent.bin"}),
      remote.variables());
  CHECK(end.code == 1);
  CHECK(end.output == lines_for({{"SHA-256", image.sha256}}, image.ref.image_id()));
  CHECK(end.errors == "binarly-images: the report has no checksum by sha-512 for " +
                          image.ref.image_id() +
                          "\nbinarly-images: the report has no entry for absent.bin\n");
}

namespace {

/// A service on a thread of its own that answers with what a function makes of a request's head.
class answering {
 public:
  explicit answering(raw_server::responder answer)
      : server_(std::in_place, loop_.get_executor(), std::move(answer)),
        ca_(directory_.path() / "ca.pem") {
    std::ofstream(ca_) << server_->ca_pem();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~answering() {
    // The server goes where its context runs.
    boost::asio::post(loop_, [this] {
      server_.reset();
      loop_.stop();
    });
    thread_.join();
  }
  answering(const answering&) = delete;
  answering& operator=(const answering&) = delete;

  command_end hashes(const words& more) const {
    words arguments{"hashes", "p", "i", "--ca-file", ca_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments, {"BINARLY_API_URL=" + url_of_port(server_->port()), "TOKEN=t"});
  }

 private:
  temporary_directory directory_;
  boost::asio::io_context loop_{1};
  std::optional<raw_server> server_;
  std::filesystem::path ca_;
  std::thread thread_;
};

std::string http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

command_end hashes_in(const std::string& report, const words& more) {
  return answering([report](const std::string&) { return http(report); }).hashes(more);
}

std::string line(const std::string& value, const std::string& name) {
  return "SHA-256\t" + value + '\t' + name + '\n';
}

const std::string ones(64, '1');
const std::string twos(64, '2');

}  // namespace

TEST_CASE("hashes lets nothing spoil what was asked for, and names what is doubtful") {
  namespace cases = test::report_cases;
  auto end = hashes_in(cases::odd_hash_elsewhere, {"--file", "a.bin"});
  CHECK(end.code == 0);
  CHECK(end.output == line(ones, "i") + line(twos, "a.bin"));
  CHECK(end.errors.empty());
  end = hashes_in(cases::odd_hash_elsewhere, {"--file", "other", "--file", "a.bin"});
  CHECK(end.code == 1);
  CHECK(end.output == line(ones, "i") + line(twos, "a.bin"));
  CHECK(end.errors ==
        "binarly-images: the SHA-256 of other cannot be used: field \"components[0].hashes[0]\": a "
        "checksum of 40 digits, where SHA-256 makes 64\n");
  // By another algorithm it was not asked for.
  end = hashes_in(cases::odd_hash_elsewhere, {"--file", "other", "--algorithm", "md5"});
  CHECK(end.code == 1);
  CHECK(end.errors ==
        "binarly-images: the report has no checksum by md5 for i\n"
        "binarly-images: the report has no checksum by md5 for other\n");

  end = hashes_in(cases::two_values, {"--file", "six", "--file", "a.bin"});
  CHECK(end.code == 1);
  CHECK(end.output ==
        line(ones, "i") + line(ones, "six") + line(twos, "six") + line(twos, "a.bin"));
  CHECK(end.errors ==
        "binarly-images: the report has 2 values of SHA-256 for six, so that it is "
        "ambiguous\n");
  CHECK(hashes_in(cases::two_values, {"--file", "a.bin"}).code == 0);

  const auto twin = [](const std::string& value) {
    return R"({"name":"twin","hashes":[{"alg":"SHA-256","content":")" + value + R"("}]})";
  };
  const auto twins = [&](const std::string& second) {
    return R"({"bomFormat":"CycloneDX","metadata":{"component":{"hashes":[{"alg":"SHA-256",)"
           R"("content":")" +
           ones + R"("}]}},"components":[)" + twin(ones) + R"(,{"name":"twin"},)" + twin(second) +
           "]}";
  };
  end = hashes_in(twins(twos), {"--file", "twin", "--algorithm", "SHA-256"});
  CHECK(end.code == 1);
  CHECK(end.output == line(ones, "i") + line(ones, "twin") + line(twos, "twin"));
  CHECK(contains(end.errors,
                 "binarly-images: the report has several things with the name twin, and different "
                 "checksums of them, so that it is ambiguous\n"));
  end = hashes_in(twins(ones), {"--file", "twin"});
  CHECK(!contains(end.errors, "ambiguous"));

  end = hashes_in(cases::describes_two, {"--format", "spdx", "--file", "a.bin"});
  CHECK(end.code == 1);
  CHECK(end.output == line(twos, "a.bin"));
  CHECK(contains(end.errors, "the report does not say which thing is the image"));
  end = hashes_in(cases::no_describes, {"--format", "spdx"});
  CHECK(end.code == 1);
  CHECK(end.output.empty());
  CHECK(contains(end.errors, "the report does not say which package is the image"));
  end = hashes_in(cases::spdx3, {"--format", "spdx", "--file", "a.bin"});
  CHECK(end.code == 0);
  CHECK(end.output == line(ones, "i") + line(twos, "a.bin"));
}

TEST_CASE("hashes looks files up in the component tree of the latest scan that is done") {
  const std::string tree = R"([{"name":"a.bin","path":"/usr/a.bin","sha256":")" + ones +
                           R"("},{"name":"a.bin","path":"/b/a\tbin","sha256":")" + twos + R"("}])";
  const auto scan = [](const std::string& id, const std::string& hour, const std::string& type) {
    return R"({"id":")" + id + R"(","createTime":"2026-01-01T)" + hour +
           R"(:00:00Z","author":"x","latestScanState":{"id":"s","type":")" + type +
           R"(","createTime":"2026-01-01T)" + hour + R"(:00:00Z"}})";
  };
  std::string scans = R"({"scans":[)" + scan("S1", "01", "done") + "," + scan("S2", "03", "done") +
                      "," + scan("S3", "02", "done") + "," + scan("S4", "04", "running") + "]}";
  const auto serve = [&](const std::string& list) {
    return [list, tree](const std::string& head) {
      const std::string path = "GET /api/v4/products/p/images/i/scans";
      if (head.starts_with(path + "?status=true ")) return http(list);
      if (head.starts_with(path + "/S2/components ")) return http(tree);
      if (head.starts_with(path + "/S9/components ")) return http("[]");
      return http(R"({"message":"no such path"})", "404 Not Found");
    };
  };
  const words source{"--source", "components"};
  const auto with = [&source](words more) {
    more.insert(more.begin(), source.begin(), source.end());
    return more;
  };
  const std::string first = "SHA-256\t" + ones + "\ta.bin\t/usr/a.bin\n";
  const answering service(serve(scans));
  auto end = service.hashes(with({"--file", "a.bin"}));
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output.starts_with(first + "SHA-256\t" + twos + "\ta.bin\t/b/a"));
  CHECK(std::ranges::count(end.output, '\t') == 6);
  end = service.hashes(with({"--file", "/usr/a.bin", "--file", "c"}));
  CHECK(end.code == 1);
  CHECK(end.output == "SHA-256\t" + ones + "\t/usr/a.bin\t/usr/a.bin\n");
  CHECK(end.errors == "binarly-images: the component tree has no entry for c\n");
  CHECK(service.hashes(with({"--file", "a.bin", "--scan", "S9"})).code == 1);
  check_one_line(service.hashes(with({"--file", "a.bin", "--scan", "S8"})), 1, "no such path");
  check_one_line(service.hashes(with({})), 2, "no checksum of the image itself");
  check_one_line(service.hashes({"--scan", "S2"}), 2, "--scan needs --source components");

  scans = R"({"scans":[)" + scan("S4", "04", "running") + "]}";
  check_one_line(answering(serve(scans)).hashes(with({"--file", "a.bin"})), 3,
                 "no scan that is done, so it has no component tree: its latest scan is running");
  scans = R"({"scans":[)" + scan("S4", "04", "failed") + "]}";
  check_one_line(answering(serve(scans)).hashes(with({"--file", "a.bin"})), 1,
                 "its latest scan is failed");
  check_one_line(answering(serve(R"({"scans":[]})")).hashes(with({"--file", "a.bin"})), 3,
                 "it has no scan; start one");
}

TEST_CASE("hashes --source components serves a token that may see no reports") {
  fake_service_options options;
  options.permissions = {"products.view"};
  served remote(options);
  const auto ref = remote.service().image_at(2).ref;
  remote.service().set_scan(ref, fake_scan({"done"}));
  const words file{"--algorithm", "SHA-256", "--file", "component-9"};
  const auto run = [&](words more) {
    more.insert(more.end(), file.begin(), file.end());
    return run_command(hashes_of(remote, ref, more), remote.variables());
  };
  check_one_line(run({}), 1, "reports.view");
  const auto end = run({"--source", "components"});
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  const auto value = remote.service().checksums_of(2, "component-9").front().value;
  CHECK(end.output.starts_with("SHA-256\t" + value + "\tcomponent-9\t"));
}

TEST_CASE("hashes fails as get does") {
  served remote;
  const auto ref = remote.service().image_at(0).ref;
  const auto run = [&](const words& more) {
    return run_command(hashes_of(remote, ref, more), remote.variables());
  };
  check_one_line(run({"--format", "swid"}), 2, "--format");
  check_one_line(run({"--file", "a\tb"}), 2, "control characters");
  check_one_line(run({"--file", ""}), 2, "names of 1 byte");
  check_one_line(run_command({"hashes", "i"}, remote.variables()), 2, "write hashes PRODUCT IMAGE");
  check_one_line(
      run_command(hashes_of(remote, image_ref(ref.product_id(), "absent")), remote.variables()), 1,
      "not found");
  remote.service().script(ref, {misbehaviour(fault::broken_json)});
  check_one_line(run({}), 3, "the JSON ends in the middle");
  remote.service().script(ref, {misbehaviour(fault::hang)});
  check_one_line(run({"--deadline", "0.1"}), 3, "deadline");
  CHECK(contains(run_command({"hashes", "--help"}).output, "the exit code is 1"));
}

TEST_CASE("serve makes reports as large as it is told") {
  const temporary_directory directory;
  const auto ca = (directory.path() / "ca.pem").string();
  const auto uploads = (directory.path() / "uploads.csv").string();
  child_process service(
      command({"serve", "--ca-out", ca, "--report-components", "1234", "--manifest-out", uploads}),
      clean());
  wait_until([&] { return contains(service.output(), "\n"); });
  const auto url = service.output().substr(0, service.output().find('\n'));
  const auto manifest = read_file(uploads);
  const auto row = manifest.substr(manifest.find('\n') + 1);
  const auto end = run_command({"hashes", row.substr(0, 26), row.substr(27, 26), "--ca-file", ca,
                                "--file", "component-1233", "--file", "component-1234"},
                               {"BINARLY_API_URL=" + url, "TOKEN=t"});
  CHECK(end.code == 1);
  CHECK(contains(end.output, "\tcomponent-1233\n"));
  CHECK(contains(end.errors, "no entry for component-1234"));
}

TEST_CASE("hashes takes no more memory for a report of 200 MB than for a small one") {
  if (sanitized) MESSAGE("a smaller report, and no bound: a sanitizer keeps what was freed");
  for (const auto* const format : {"cyclonedx", "spdx"}) {
    for (const bool gzip : {true, false}) {
      CAPTURE(format);
      CAPTURE(gzip);
      const double small = peak_mib(20, gzip, format);
      const double large = peak_mib(large_report, gzip, format);
      if (!sanitized) CHECK(large < small + most_added_mib);
    }
  }
  CHECK((sanitized || report_size(large_report, sbom_format::cyclonedx) > 200'000'000));
  CHECK((sanitized || report_size(large_report, sbom_format::spdx) > 150'000'000));
}

}  // namespace binarly::testing
