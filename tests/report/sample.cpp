// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Writes one of the outputs of an invented run to standard output, for `check.sh` and for whoever
// wants to see one. The same words always give the same bytes.

#include "support/journal_rows.hpp"
#include "tools/outputs/csv_output.hpp"
#include "tools/outputs/json_output.hpp"
#include "tools/outputs/junit_output.hpp"
#include "tools/outputs/report_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

/// `0` to `1`, the same for the same number.
double chance(std::uint64_t number) {
  std::minstd_rand dice(static_cast<unsigned>(number % 2'147'483'563 + 1));
  dice.discard(3);
  return static_cast<double>(dice() % 1'000'003) / 1'000'003;
}

/// A row of a run that has all kinds of trouble, and a service that slows down for a while.
journal_entry troubled_row(std::uint64_t number, std::uint64_t rows) {
  const double dice = chance(number * 5);
  const double part = static_cast<double>(number) / static_cast<double>(rows);
  const bool slow = part > 0.45 && part < 0.6;
  journal_entry row;
  if (dice < 0.004) {
    row = mismatched_row(number, dice < 0.002 ? "1.0-rc" : "1.1");
    if (dice < 0.001) row.mismatches.push_back({"name", "Firmware A", "Firmware B"});
  } else if (dice < 0.009) {
    row = failed_row(number, verdict::missing, errc::not_found);
  } else if (dice < 0.0105) {
    row = failed_row(number, verdict::forbidden, errc::forbidden);
  } else if (slow && dice < 0.03) {
    row = failed_row(number, verdict::failed, dice < 0.02 ? errc::timed_out : errc::server_error);
    row.attempts = 4;
    row.retries = {{"server_error", 3}};
  } else {
    row = journal_row(number, verdict::verified);
  }
  // Ids as the service gives them, and a latency as networks do.
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id = "01HV";
  for (std::uint64_t at = 0; at < 22; ++at)
    id += letters[static_cast<std::size_t>(chance(number * 31 + at) * 32)];
  const std::string before = "products/" + row.product_id + "/images/" + row.image_id;
  row.product_id = "01HT7QZ4M9WX2V0B8KDN3RE5Y" + std::to_string(number % 4);
  row.image_id = id;
  if (row.failure) {
    auto& message = row.failure->message;
    const std::string after = "products/" + row.product_id + "/images/" + row.image_id;
    message.replace(message.find(before), before.size(), after);
    row.failure->request_id = "req-" + std::to_string(number * 7919 % 1'000'000);
  }
  const double normal = std::sqrt(-2 * std::log(chance(number * 3 + 1) + 1e-9)) *
                        std::cos(6.283 * chance(number * 3 + 2));
  const double usual = 0.028 * std::exp(0.35 * normal) * (slow ? 4.5 : 1) * (dice > 0.97 ? 9 : 1);
  row.latency = std::chrono::nanoseconds(static_cast<std::int64_t>(usual * 1e9));
  if (dice > 0.97) {
    row.attempts = 2;
    row.retries = {{dice > 0.988   ? "server_error"
                    : dice > 0.981 ? "connection_lost"
                    : dice > 0.975 ? "throttled"
                                   : "timed_out",
                    1}};
  }
  const double pace = part < 0.04 ? 0.5 + part * 12 : slow ? 0.35 : 1;
  row.limit = static_cast<std::size_t>(std::max(
      4.0, 52 * pace + 9 * std::sin(static_cast<double>(number) / static_cast<double>(rows) * 160) +
               4 * dice));
  // Time runs the slower the less is allowed at a time.
  const double since = part < 0.45  ? part
                       : part < 0.6 ? 0.45 + (part - 0.45) * 3
                                    : 0.9 + part - 0.6;
  const double wobble = 0.004 * std::sin(part * 57);
  row.at = rows_begin + std::chrono::milliseconds(static_cast<std::int64_t>(
                            (since + wobble + 0.01) * static_cast<double>(rows) / 640 * 1000));
  row.latency = std::min<std::chrono::nanoseconds>(row.latency, row.at - rows_begin);
  return row;
}

struct sample {
  std::uint64_t rows = 0;
  std::function<journal_entry(std::uint64_t)> row;
};

sample sample_of(const std::string& name) {
  if (name == "empty") return {0, {}};
  if (name == "good") {
    return {3000, [](std::uint64_t number) {
              auto row = troubled_row(number, 3000);
              row.verdict = verdict::verified;
              row.failure.reset();
              row.mismatches.clear();
              return row;
            }};
  }
  if (name == "one")
    return {1, [](std::uint64_t number) { return journal_row(number, verdict::verified); }};
  if (name == "hostile") {
    const auto rows = std::make_shared<std::vector<journal_entry>>(hostile_rows());
    return {rows->size(), [rows](std::uint64_t number) { return (*rows)[number - 1]; }};
  }
  if (name == "resumed") {
    return {40'000, [](std::uint64_t number) {
              auto row = troubled_row(number, 40'000);
              if (number > 15'000) row.at += 23h;
              if (number > 39'990) row.verdict = verdict::cancelled;
              return row;
            }};
  }
  const std::uint64_t rows = std::strtoull(name.c_str(), nullptr, 10);
  return {rows, [rows](std::uint64_t number) { return troubled_row(number, rows); }};
}

std::unique_ptr<output> output_of(const std::string& format) {
  if (format == "csv") return std::make_unique<csv_output>(std::cout);
  if (format == "json") return std::make_unique<json_output>(std::cout);
  if (format == "junit") return std::make_unique<junit_output>(std::cout);
  return std::make_unique<report_page>(std::cout, "run.journal");
}

int write(const std::string& format, const std::string& name) {
  const sample run = sample_of(name);
  tally whole;
  for (std::uint64_t number = 1; number <= run.rows; ++number)
    whole.add(run.row(number));
  const auto shown = output_of(format);
  shown->begin(whole);
  for (std::uint64_t number = 1; number <= run.rows; ++number)
    shown->add(run.row(number));
  shown->end();
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

}  // namespace binarly::tools

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: sample csv|json|junit|report empty|one|good|resumed|hostile|ROWS\n";
    return 2;
  }
  return binarly::tools::write(arguments[1], arguments[2]);
}
