// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The manifest and the journal of a run, without a service: whatever is taken is verified at once.

#include "support/process.hpp"
#include "support/run_task.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/line.hpp"
#include "tools/verify_run.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace binarly::tools {

namespace {

using testing::read_file;

std::string manifest_of(int rows, const std::string& name = "n") {
  std::string text = "product_id,image_id,name\n";
  for (int row = 1; row <= rows; ++row)
    text += "p,i" + std::to_string(row) + ',' + name + std::to_string(row) + '\n';
  return text;
}

/// A manifest, its journal, and runs over them.
struct run_world {
  verify_arguments arguments;
  shard part;
  testing::temporary_directory directory;

  explicit run_world(const std::string& manifest) {
    arguments.manifest = directory.write("m.csv", manifest).string();
    arguments.results = journal();
    arguments.existing = existing_journal::resume;
  }
  [[nodiscard]] std::string journal() const { return (directory.path() / "out.jsonl").string(); }
  [[nodiscard]] std::string written() const { return read_file(journal()); }

  /// Runs until the source ends, or so many were taken; says which rows were.
  std::vector<std::uint64_t> run(std::size_t most = SIZE_MAX, verdict given = verdict::verified) {
    // It outlives the threads of the run.
    boost::asio::io_context loop;
    verify_run one(arguments, part);
    std::vector<std::uint64_t> taken;
    testing::run_task(loop, work(&one, &taken, most, given));
    one.finish();
    trouble = one.trouble();
    refused = one.refused();
    kept = one.kept();
    total = one.seen().total();
    return taken;
  }

  std::string trouble;
  std::uint64_t refused = 0;
  std::uint64_t kept = 0;
  std::uint64_t total = 0;

 private:
  static asio::awaitable<void> work(verify_run* one, std::vector<std::uint64_t>* taken,
                                    std::size_t most, verdict given) {
    while (taken->size() < most) {
      auto next = co_await one->next();
      if (!next) co_return;
      taken->push_back(next->tag);
      verification outcome;
      outcome.expectation = std::move(*next);
      outcome.verdict = given;
      if (given == verdict::failed) outcome.failure = failure(errc::server_error, "down");
      one->accept(std::move(outcome));
    }
  }
};

std::map<std::uint64_t, int> final_lines(const std::string& journal) {
  std::map<std::uint64_t, int> lines;
  std::istringstream in(journal);
  for (std::string line; std::getline(in, line);) {
    const auto entry = read_journal_line(line);
    REQUIRE(entry.has_value());
    if (is_final(entry->verdict)) ++lines[entry->row];
  }
  return lines;
}

void check_each_once(const std::string& journal, std::uint64_t rows) {
  const auto lines = final_lines(journal);
  CHECK(lines.size() == rows);
  for (const auto& [row, count] : lines)
    CHECK(count == 1);
}

template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("verify run: every row once, and nothing is left for a second run") {
  run_world world(manifest_of(300));
  CHECK(world.run().size() == 300);
  check_each_once(world.written(), 300);
  CHECK(world.run().empty());
  CHECK(world.kept == 300);
  CHECK(world.total == 300);
  check_each_once(world.written(), 300);
}

TEST_CASE("verify run: the journal cut at any byte of its last kilobyte, and resumed") {
  run_world world(manifest_of(20));
  (void)world.run();
  const std::string whole = world.written();
  REQUIRE(whole.size() > 2048);
  for (std::size_t size = whole.size() - 1024; size <= whole.size(); ++size) {
    CAPTURE(size);
    world.directory.write("out.jsonl", whole.substr(0, size));
    const auto taken = world.run();
    CHECK(world.kept + taken.size() == 20);
    CHECK(world.total == 20);
    check_each_once(world.written(), 20);
    CHECK(world.written().starts_with(
        whole.substr(0, whole.rfind('\n', size == 0 ? 0 : size - 1) + 1)));
  }
}

TEST_CASE("verify run: what failed is looked up again, what is final is not") {
  run_world world(manifest_of(10));
  CHECK(world.run(4, verdict::failed).size() == 4);
  CHECK(world.run(3, verdict::mismatched) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(world.run(2, verdict::cancelled) == std::vector<std::uint64_t>{4, 5});
  CHECK(world.run() == std::vector<std::uint64_t>{4, 5, 6, 7, 8, 9, 10});
  CHECK(world.kept == 3);
  check_each_once(world.written(), 10);
}

TEST_CASE("verify run: rows behind a sheet's empty rows keep the numbers that they ever had") {
  const std::string header = "product_id,image_id,name\n";
  // Empty rows were bad ones once.
  run_world world(header + "p,i1,n1\np\np,i3,n3\np\n");
  world.arguments.keep_going = true;
  CHECK(world.run() == std::vector<std::uint64_t>{1, 3});
  CHECK(world.refused == 2);
  world.directory.write("m.csv", header + "p,i1,n1\n,,\np,i3,n3\n,,\n");
  CHECK(world.run().empty());
  CHECK(world.trouble == "");
  CHECK(world.kept == 2);
  CHECK(world.refused == 0);
  world.directory.write("m.csv", header + "p,i1,n1\n,,\np,i3,n3\n");
  CHECK(error_of([&] { (void)world.run(); }).find("they go to row 4") != std::string::npos);
}

TEST_CASE("verify run: a verdict on a product that was given beside the manifest is its alone") {
  run_world world("image_id\ni1\ni2\n");
  world.arguments.rows.product_id = "p";
  CHECK(world.run(1) == std::vector<std::uint64_t>{1});
  CHECK(world.written().find("\"product_id\":\"p\"") != std::string::npos);
  world.arguments.rows.product_id = "q";
  CHECK(error_of([&] { (void)world.run(); }).find("row 1 has other contents") != std::string::npos);
  world.arguments.rows.product_id = "p";
  CHECK(world.run() == std::vector<std::uint64_t>{2});
}

TEST_CASE("verify run: results of another manifest are refused, and left as they are") {
  run_world world(manifest_of(10));
  (void)world.run(5);
  const auto before = world.written();
  world.directory.write("m.csv", manifest_of(10, "m"));
  CHECK(error_of([&] { (void)world.run(); }).find("another manifest: row 1 has other contents") !=
        std::string::npos);
  // A single row that differs, behind rows that agree.
  auto text = manifest_of(10);
  text.replace(text.find("n4"), 2, "n5");
  world.directory.write("m.csv", text);
  CHECK(error_of([&] { (void)world.run(); }).find("another manifest: row 4 has") !=
        std::string::npos);
  CHECK(world.written() == before);
  world.directory.write("m.csv", manifest_of(3));
  CHECK(error_of([&] { (void)world.run(); }).find("they go to row 5, and the manifest") !=
        std::string::npos);
  CHECK(world.written() == before);
}

TEST_CASE("verify run: rows that failed are compared, too") {
  run_world world(manifest_of(3));
  (void)world.run(3, verdict::failed);
  world.directory.write("m.csv", manifest_of(3, "m"));
  CHECK(error_of([&] { (void)world.run(); }).find("another manifest") != std::string::npos);
}

TEST_CASE("verify run: a bad row ends the run where it is met") {
  run_world world(manifest_of(3) + "p,a/b,n\n" + "p,i5,n5\n");
  CHECK(world.run() == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(world.trouble.find("m.csv, line 5, column 3: image id \"a/b\"") != std::string::npos);
  CHECK(world.trouble.find("(row 4)") != std::string::npos);
  CHECK(world.trouble.find("--keep-going") != std::string::npos);
  CHECK(world.refused == 0);
  CHECK(final_lines(world.written()).size() == 3);
  // Corrected, it goes on there.
  world.directory.write("m.csv", manifest_of(5));
  CHECK(world.run() == std::vector<std::uint64_t>{4, 5});
}

TEST_CASE("verify run: bad rows are recorded as failed, where the run is to keep going") {
  run_world world(manifest_of(2) + "p,a/b,n\n" + "p\n" + "p,i5,\"n\np,i6,n\n");
  world.arguments.keep_going = true;
  CHECK(world.run() == std::vector<std::uint64_t>{1, 2, 6});
  CHECK(world.trouble.empty());
  CHECK(world.refused == 3);
  CHECK(world.total == 6);
  std::istringstream in(world.written());
  int failed = 0;
  for (std::string line; std::getline(in, line);) {
    const auto entry = read_journal_line(line);
    REQUIRE(entry.has_value());
    if (entry->verdict != verdict::failed) continue;
    ++failed;
    CHECK(entry->failure.value().code == "invalid_argument");
    CHECK(entry->failure.value().message.find("m.csv, line ") != std::string::npos);
  }
  CHECK(failed == 3);
  // They are no less bad the next time.
  CHECK(world.run().empty());
  CHECK(world.refused == 3);
  CHECK(world.kept == 3);
}

TEST_CASE("verify run: a bad row that was recorded may be corrected") {
  run_world world(manifest_of(2) + "p,a/b,n\np,i4,n4\n");
  world.arguments.keep_going = true;
  CHECK(world.run().size() == 3);
  world.directory.write("m.csv", manifest_of(4));
  CHECK(world.run() == std::vector<std::uint64_t>{3});
  check_each_once(world.written(), 4);
}

TEST_CASE("verify run: a local file's checksum is what is expected") {
  run_world world("");
  const auto file = world.directory.write("firmware", "abc").string();
  const std::string sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const auto expected_of = [&](const std::string& rows) {
    world.directory.write("m.csv", "product_id,image_id,file,sha256\n" + rows);
    boost::asio::io_context loop;
    verify_run one(world.arguments, world.part);
    std::optional<expectation> got;
    testing::run_task(
        loop, [](verify_run* from, std::optional<expectation>* into) -> asio::awaitable<void> {
          *into = co_await from->next();
        }(&one, &got));
    world.trouble = one.trouble();
    return got;
  };
  CHECK(expected_of("p,i," + file + ",\n").value().sha256 == sum);
  CHECK(expected_of("p,i," + file + ',' + std::string(64, 'A') + '\n') == std::nullopt);
  CHECK(world.trouble.find("line 2, column 5: the file " + file + " has the SHA-256 " + sum) !=
        std::string::npos);
  CHECK(!expected_of("p,i," + file + "x,\n"));
  CHECK(world.trouble.find("cannot be opened") != std::string::npos);
  std::string upper = sum;
  for (char& c : upper)
    c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(expected_of("p,i," + file + ',' + upper + '\n').value().sha256 == sum);
}

TEST_CASE("verify run: shards take each row once, and know each other's results from their own") {
  run_world world(manifest_of(100));
  std::map<std::uint64_t, int> taken;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    world.part = {number, 3};
    world.arguments.results = (world.directory.path() / std::to_string(number)).string();
    for (const auto row : world.run())
      ++taken[row];
    CHECK(world.run().empty());
  }
  CHECK(taken.size() == 100);
  for (const auto& [row, count] : taken)
    CHECK(count == 1);
  world.part = {1, 3};
  CHECK(error_of([&] { (void)world.run(); }).find("are of another shard") != std::string::npos);
}

TEST_CASE("verify run: expectations have what the row and the command line say") {
  run_world world("product_id,image_id,name,version,author,sha1,md5\np,i,,\"\",who," +
                  std::string(40, '1') + ',' + std::string(32, '2') + '\n');
  world.arguments.wait = 1.5;
  world.arguments.wait_for_scan = 60;
  boost::asio::io_context loop;
  verify_run one(world.arguments, world.part);
  std::optional<expectation> got;
  testing::run_task(
      loop, [](verify_run* from, std::optional<expectation>* into) -> asio::awaitable<void> {
        *into = co_await from->next();
      }(&one, &got));
  REQUIRE(got.has_value());
  CHECK(got->ref == image_ref("p", "i"));
  CHECK(!got->name);
  CHECK(got->version == "");
  CHECK(got->author == "who");
  CHECK(got->sha1 == std::string(40, '1'));
  CHECK(got->md5 == std::string(32, '2'));
  CHECK(!got->sha256);
  CHECK(got->wait == std::chrono::milliseconds(1500));
  CHECK(got->wait_for_scan == std::chrono::minutes(1));
  CHECK(got->tag == 1);
}

}  // namespace binarly::tools
