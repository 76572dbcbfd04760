// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/check_manifest.hpp"
#include "tools/commands.hpp"
#include "tools/distinct_files.hpp"
#include "tools/every_step.hpp"
#include "tools/exit_code.hpp"
#include "tools/output_place.hpp"
#include "tools/outputs/show.hpp"
#include "tools/run.hpp"
#include "tools/standard_streams.hpp"
#include "tools/summary.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"
#include "tools/verify_run.hpp"

#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

void complain(const std::string& line) { std::cerr << "binarly-images: " << line << '\n'; }

void complain(const std::vector<std::string>& lines) {
  for (const auto& line : lines)
    complain(line);
}

/// What goes on with a run that has stopped. Rows that were to be looked up again, and were not
/// reached, have their old verdict.
std::string way_on(const verify_arguments& arguments) {
  std::string words = "go on with --resume";
  std::string_view mark = " --again ";
  for (const auto each : arguments.again) {
    words.append(mark).append(to_string(each));
    mark = ",";
  }
  return words;
}

/// Says what the summary does not, and finds the exit code.
int judge(const verify_run& run, const run_end& end, const every_step& steps,
          const verify_arguments& arguments) {
  complain(run.refusals());
  if (const auto rest = run.refused() - run.refusals().size(); rest != 0) {
    complain("and " + grouped(rest) + " more rows of the manifest that cannot be used");
  }
  if (!run.trouble().empty()) complain(run.trouble());
  if (end.given_up) {
    complain("the run stopped early, since every row would fail alike: " + end.given_up->message() +
             "; when that is put right, " + way_on(arguments));
  }
  const int code = steps.finish(run.seen().code());
  if (end.signal != 0) {
    const auto& seen = run.seen();
    complain("stopped by a signal; " + grouped(seen.total() - seen.count(verdict::cancelled)) +
             " uploads have a verdict; " + way_on(arguments));
    if (!end.drained) return 128 + end.signal;
    // Being asked to stop is no excuse for what went wrong.
    if (steps.failed().empty() && run.trouble().empty()) {
      return static_cast<int>(exit_code::drained);
    }
  }
  if (!run.trouble().empty() || run.refused() != 0) return static_cast<int>(exit_code::usage);
  return code;
}

/// What keeps the results from being whole, if anything does: the error of the run, or that of the
/// function, which is called in any case. What is none of the command's own errors goes to the
/// caller.
std::optional<command_error> broken_by(const std::exception_ptr& error,
                                       const std::function<void()>& finish) {
  std::optional<command_error> found;
  try {
    finish();
  } catch (const command_error& thrown) {
    found = thrown;
  }
  try {
    if (error) std::rethrow_exception(error);
  } catch (const command_error& thrown) {
    return thrown;
  }
  return found;
}

/// Whether a file that was asked for is standard output itself: then the table stands elsewhere.
bool takes_standard_output(const verify_arguments& arguments) {
  const auto& outputs = arguments.outputs;
  for (const auto& path :
       {arguments.results, outputs.junit, outputs.report, arguments.service.metrics}) {
    if (!path.empty() && descriptor_named(path) == STDOUT_FILENO) return true;
  }
  return false;
}

/// What is written to standard output beside the files that were asked for; empty for nothing.
std::string on_standard_output(const verify_arguments& arguments) {
  if (arguments.outputs.format != output_format::table) return "--format";
  return arguments.quiet || takes_standard_output(arguments) ? "" : "the summary";
}

void check_outputs(const verify_arguments& arguments) {
  const std::string data = on_standard_output(arguments);
  require_distinct(
      {{data, data.empty() ? "" : "-"},
       {"--results", arguments.results},
       {"the damaged lines of --results",
        arguments.existing == existing_journal::resume ? arguments.results + ".damaged" : ""},
       {"--junit", arguments.outputs.junit},
       {"--report", arguments.outputs.report},
       {"--metrics", arguments.service.metrics}},
      {{"the manifest", arguments.manifest}});
  if (!arguments.results.empty() && arguments.outputs.want_rows()) {
    const output_place place = find_place(arguments.results);
    if (place.how == writing::descriptor ||
        (place.how == writing::device && !S_ISDIR(place.there.st_mode))) {
      throw command_error(exit_code::usage,
                          "--format csv, --junit and --report are made from a file of results; "
                          "name one with --results, or leave it out");
    }
  }
  if (!data.empty()) require_standard_output(data == "--format" ? "the results" : data);
}

void show_table(const verify_arguments& arguments, const verify_run& run, const run_end& end,
                const environment& variables) {
  if (arguments.quiet) {
    if (run.seen().total() != run.seen().count(verdict::verified)) {
      complain(one_line_summary(run.seen()));
    }
    return;
  }
  const bool elsewhere = on_standard_output(arguments) != "the summary";
  const int descriptor = elsewhere ? STDERR_FILENO : STDOUT_FILENO;
  const bool colour = wants_colour(is_terminal(descriptor, variables), variables);
  (elsewhere ? std::cerr : std::cout)
      << summary(run.seen(), end.duration, colour, run.kept()) << std::flush;
  if (!elsewhere) require_written("the summary");
}

/// The outputs that are made of the journal.
void show_rows(const verify_arguments& arguments, const wanted_outputs& outputs,
               const verify_run& run, every_step& steps) {
  steps.take([&] {
    journal_set rows({{run.journal()->descriptor(), "the results " + run.journal()->name()}});
    complain(rows.damage().told("cannot be shown"));
    outputs.show(rows, arguments.results, steps);
  });
}

}  // namespace

int verify(const verify_arguments& arguments, const environment& variables) {
  const shard part = parse_shard(arguments.shard, variables);
  check_outputs(arguments);
  if (arguments.check) return check_manifest(arguments, part);
  // Before the results: with --overwrite, these are lost once they are opened.
  const wanted_outputs outputs(arguments.outputs);
  client_options options = make_client_options(arguments.service, variables);
  options.pool.max_connections = arguments.connections;
  const telemetry tells(arguments.service);
  tells.listen(options);
  asio::io_context loop(1);
  client service(loop.get_executor(), options);
  verify_run run(arguments, part);
  if (const auto* const journal = run.journal()) {
    complain(journal->damage().told("set aside in " + printable(journal->set_aside_in()) +
                                    "; what they were about is looked up again"));
  }
  const hangup_guard guard(loop);

  verify_options how;
  how.window = arguments.window;
  how.accept_failed_scans = arguments.accept_failed_scans;
  run_display display;
  // Lines of their own would tear the progress line.
  display.show = !arguments.quiet && !arguments.service.verbose;
  display.terminal = is_terminal(STDERR_FILENO, variables);
  display.figures = [&run] { return run.figures(); };
  display.on_tick = [&run] { run.tick(); };
  display.on_stop = [&run] { run.stop(); };
  const run_end end = run_verification(
      loop, std::move(service), [&run] { return run.next(); },
      [&run](verification outcome) { return run.accept(std::move(outcome)); }, how, run.seen(),
      display);

  const auto broken = broken_by(end.error, [&run] { run.finish(); });
  if (const auto ignored = run.ignored(); !arguments.quiet && !ignored.empty()) complain(ignored);
  every_step steps;
  steps.take([&] {
    if (broken) throw command_error(*broken);
  });
  steps.take([&] { show_table(arguments, run, end, variables); });
  steps.take([&] { tells.finish(); });
  // What could not be written is missing there, too; but results of another manifest are none.
  const bool usable = !broken || broken->code() != exit_code::usage;
  if (usable && arguments.outputs.want_rows()) {
    show_rows(arguments, outputs, run, steps);
  } else {
    outputs.show_json(run.seen(), steps);
  }
  return judge(run, end, steps, arguments);
}

}  // namespace binarly::tools
