// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/show.hpp"

#include "tools/exit_code.hpp"
#include "tools/outputs/csv_output.hpp"
#include "tools/outputs/json_output.hpp"
#include "tools/outputs/junit_output.hpp"
#include "tools/outputs/report_page.hpp"
#include "tools/whole_file.hpp"

#include <cerrno>
#include <iostream>
#include <system_error>

namespace binarly::tools {

namespace {

void run_through(output& shown, journal_set& rows) {
  shown.begin(rows.whole());
  rows.for_each_row([&shown](const journal_entry& row) { shown.add(row); });
  shown.end();
}

void require_written() {
  if (std::cout.flush()) return;
  throw command_error(exit_code::unavailable,
                      "the results could not be written to standard output: " +
                          std::generic_category().message(errno));
}

}  // namespace

void show_json(const tally& whole) {
  json_output shown(std::cout);
  shown.begin(whole);
  shown.end();
  require_written();
}

void show(const output_arguments& wanted, journal_set& rows, const std::string& journal) {
  if (wanted.format == output_format::json) {
    show_json(rows.whole());
  } else if (wanted.format == output_format::csv) {
    csv_output shown(std::cout);
    run_through(shown, rows);
    require_written();
  }
  if (!wanted.junit.empty()) {
    write_whole_file(wanted.junit, "the JUnit report", "--junit", exit_code::unavailable,
                     [&](std::ostream& out) {
                       junit_output shown(out);
                       run_through(shown, rows);
                     });
  }
  if (!wanted.report.empty()) {
    write_whole_file(wanted.report, "the report", "--report", exit_code::unavailable,
                     [&](std::ostream& out) {
                       report_page shown(out, journal);
                       run_through(shown, rows);
                     });
  }
}

}  // namespace binarly::tools
