// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/show.hpp"

#include "tools/outputs/csv_output.hpp"
#include "tools/outputs/json_output.hpp"
#include "tools/outputs/junit_output.hpp"
#include "tools/outputs/report_page.hpp"
#include "tools/standard_streams.hpp"

#include <iostream>

namespace binarly::tools {

namespace {

void run_through(output& shown, journal_set& rows) {
  shown.begin(rows.whole());
  rows.for_each_row([&shown](const journal_entry& row) { shown.add(row); });
  shown.end();
}

}  // namespace

wanted_outputs::wanted_outputs(const output_arguments& wanted)
    : format_(wanted.format),
      junit_(wanted.junit, "the JUnit report", "--junit"),
      report_(wanted.report, "the report", "--report") {}

void wanted_outputs::show_json(const tally& whole, every_step& steps) const {
  if (format_ != output_format::json) return;
  steps.take([&] {
    json_output shown(std::cout);
    shown.begin(whole);
    shown.end();
    require_written("the results");
  });
}

void wanted_outputs::show(journal_set& rows, const std::string& journal, every_step& steps) const {
  show_json(rows.whole(), steps);
  if (format_ == output_format::csv) {
    steps.take([&] {
      csv_output shown(std::cout);
      run_through(shown, rows);
      require_written("the results");
    });
  }
  steps.take([&] {
    junit_.write([&](std::ostream& out) {
      junit_output shown(out);
      run_through(shown, rows);
    });
  });
  steps.take([&] {
    report_.write([&](std::ostream& out) {
      report_page shown(out, journal);
      run_through(shown, rows);
    });
  });
}

}  // namespace binarly::tools
