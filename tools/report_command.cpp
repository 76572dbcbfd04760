// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/distinct_files.hpp"
#include "tools/every_step.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/journal_set.hpp"
#include "tools/manifest_feed.hpp"
#include "tools/output_place.hpp"
#include "tools/outputs/show.hpp"
#include "tools/standard_streams.hpp"
#include "tools/summary.hpp"
#include "tools/text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

class open_journals {
 public:
  explicit open_journals(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
      const std::string name = "the results in " + printable(path);
      const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
      if (file < 0) {
        const int why = errno;
        close();
        throw command_error(exit_code::usage,
                            name + " cannot be opened: " + std::generic_category().message(why));
      }
      members_.push_back({file, name});
    }
  }
  ~open_journals() { close(); }
  open_journals(const open_journals&) = delete;
  open_journals& operator=(const open_journals&) = delete;

  [[nodiscard]] const std::vector<journal_set::member>& members() const noexcept {
    return members_;
  }

 private:
  void close() noexcept {
    for (const auto& each : members_)
      ::close(each.file);
  }

  std::vector<journal_set::member> members_;
};

/// Rows that no journal has, told as ranges: `7, 9-12`.
class absent_rows {
 public:
  void add(std::uint64_t row) {
    ++count_;
    if (!ranges_.empty() && ranges_.back().second + 1 == row) {
      ranges_.back().second = row;
    } else if (ranges_.size() < most_shown) {
      ranges_.emplace_back(row, row);
    } else {
      more_ = true;
    }
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [first, last] : ranges_) {
      if (!out.empty()) out += ", ";
      out += std::to_string(first);
      if (last != first) out += '-' + std::to_string(last);
    }
    return more_ ? out + ", …" : out;
  }

 private:
  static constexpr std::size_t most_shown = 20;

  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_;
  std::uint64_t count_ = 0;
  bool more_ = false;
};

/// Throws `command_error` where the journals are another manifest's.
absent_rows compare(const report_arguments& arguments, const row_marks& marks) {
  absent_rows absent;
  manifest_feed feed(arguments.manifest, arguments.rows);
  while (!feed.ended()) {
    feed.read();
    while (const auto row = feed.take()) {
      if (marks.state_of(row->row) == row_marks::state::absent) {
        absent.add(row->row);
      } else if (!marks.agrees(row->row, row->digest)) {
        throw command_error(
            exit_code::usage,
            "the results are of another manifest: row " + grouped(row->row) +
                " has other contents in the " + feed.name() +
                (row->product_id.empty() ? ", or BINARLY_PRODUCT_ID is missing" : ""));
      }
    }
  }
  if (!feed.error().empty()) throw command_error(exit_code::usage, feed.error());
  if (marks.last_row() > feed.rows()) {
    throw command_error(exit_code::usage, "the results are of another manifest: they go to row " +
                                              grouped(marks.last_row()) + ", and the " +
                                              feed.name() + " to row " + grouped(feed.rows()));
  }
  return absent;
}

}  // namespace

int report(const report_arguments& arguments, const environment& variables) {
  const auto& wanted = arguments.outputs;
  std::vector<named_file> read{{"the manifest", arguments.manifest}};
  for (const auto& path : arguments.results)
    read.push_back({"the results", path});
  const bool table = wanted.format == output_format::table;
  const auto takes_output = [](const std::string& path) {
    return !path.empty() && descriptor_named(path) == STDOUT_FILENO;
  };
  // What was asked for goes before the table.
  const bool elsewhere = table && (takes_output(wanted.junit) || takes_output(wanted.report));
  require_distinct({{table ? "the summary" : "--format", elsewhere ? "" : "-"},
                    {"--junit", wanted.junit},
                    {"--report", wanted.report}},
                   read);
  if (!elsewhere) require_standard_output(table ? "the summary" : "the results");
  const wanted_outputs outputs(wanted);
  const open_journals files(arguments.results);
  journal_set rows(files.members());
  absent_rows absent;
  if (!arguments.manifest.empty()) absent = compare(arguments, rows.marks());

  every_step steps;
  if (table) {
    steps.take([&] {
      const int descriptor = elsewhere ? STDERR_FILENO : STDOUT_FILENO;
      const bool colour = wants_colour(is_terminal(descriptor, variables), variables);
      (elsewhere ? std::cerr : std::cout)
          << summary(rows.whole(), rows.whole().times().active(), colour) << std::flush;
      if (!elsewhere) require_written("the summary");
    });
  }
  outputs.show(rows, arguments.results.size() == 1 ? arguments.results[0] : "", steps);
  exit_code code = rows.whole().code();
  for (const auto& line : rows.damage().told(
           "passed over, and nothing was changed; verify --resume sets them aside, and looks up "
           "again what they were about")) {
    std::cerr << "binarly-images: " << line << '\n';
    code = worse(code, exit_code::unavailable);
  }
  if (absent.count() != 0) {
    std::cerr << "binarly-images: " << grouped(absent.count())
              << " rows of the manifest have no result: " << absent.text()
              << "; go on with verify --resume\n";
    code = worse(code, exit_code::unavailable);
  }
  return steps.finish(code);
}

}  // namespace binarly::tools
