// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/check_manifest.hpp"
#include "tools/commands.hpp"
#include "tools/distinct_files.hpp"
#include "tools/exit_code.hpp"
#include "tools/outputs/show.hpp"
#include "tools/run.hpp"
#include "tools/summary.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"
#include "tools/verify_run.hpp"

#include <iostream>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

void complain(const std::string& line) { std::cerr << "binarly-images: " << line << '\n'; }

/// Says what the summary does not, and finds the exit code.
int judge(const verify_run& run, const run_end& end, const command_error* broken) {
  for (const auto& line : run.refusals())
    complain(line);
  if (const auto rest = run.refused() - run.refusals().size(); rest != 0) {
    complain("and " + grouped(rest) + " more rows of the manifest that cannot be used");
  }
  if (!run.trouble().empty()) complain(run.trouble());
  if (broken != nullptr) complain(broken->what());
  if (end.given_up) {
    complain("the run stopped early, since every row would fail alike: " + end.given_up->message() +
             "; when that is put right, go on with --resume");
  }
  if (end.signal != 0) {
    const auto& seen = run.seen();
    complain("stopped by a signal; " + grouped(seen.total() - seen.count(verdict::cancelled)) +
             " uploads have a verdict; go on with --resume");
    if (!end.drained) return 128 + end.signal;
    // Being asked to stop is no excuse for what went wrong.
    if (broken == nullptr && run.trouble().empty()) return static_cast<int>(exit_code::drained);
  }
  if (!run.trouble().empty() || run.refused() != 0) return static_cast<int>(exit_code::usage);
  return static_cast<int>(broken != nullptr ? broken->code() : run.seen().code());
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

void check_outputs(const verify_arguments& arguments) {
  require_distinct({{"--results", arguments.results},
                    {"--junit", arguments.outputs.junit},
                    {"--report", arguments.outputs.report},
                    {"--metrics", arguments.service.metrics}},
                   {{"the manifest", arguments.manifest}});
  if (arguments.results != "-") return;
  if (arguments.outputs.format != output_format::table) {
    throw command_error(exit_code::usage,
                        "--results - and --format both take standard output; name a file for one");
  }
  if (arguments.outputs.want_rows()) {
    throw command_error(exit_code::usage,
                        "--junit and --report are made from a file of results; name one with "
                        "--results, or leave it out");
  }
}

void show_table(const verify_arguments& arguments, const verify_run& run, const run_end& end,
                const environment& variables) {
  if (arguments.quiet) {
    if (run.seen().total() != run.seen().count(verdict::verified)) {
      complain(one_line_summary(run.seen()));
    }
    return;
  }
  const bool results_on_stdout =
      arguments.results == "-" || arguments.outputs.format != output_format::table;
  const int descriptor = results_on_stdout ? STDERR_FILENO : STDOUT_FILENO;
  const bool colour = wants_colour(is_terminal(descriptor, variables), variables);
  (results_on_stdout ? std::cerr : std::cout)
      << summary(run.seen(), end.duration, colour, run.kept()) << std::flush;
}

}  // namespace

int verify(const verify_arguments& arguments, const environment& variables) {
  const shard part = parse_shard(arguments.shard, variables);
  check_outputs(arguments);
  if (arguments.check) return check_manifest(arguments, part);
  client_options options = make_client_options(arguments.service, variables);
  options.pool.max_connections = arguments.connections;
  const telemetry tells(arguments.service);
  tells.listen(options);
  asio::io_context loop(1);
  client service(loop.get_executor(), options);
  verify_run run(arguments, part);

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

  auto broken = broken_by(end.error, [&run] { run.finish(); });
  show_table(arguments, run, end, variables);
  const auto also = broken_by(nullptr, [&] {
    tells.finish();
    if (broken || !arguments.outputs.want_rows()) {
      if (arguments.outputs.format == output_format::json) show_json(run.seen());
      return;
    }
    journal_set rows({{run.journal()->descriptor(), "the results " + run.journal()->name()}});
    show(arguments.outputs, rows, arguments.results);
  });
  if (!broken) broken = also;
  return judge(run, end, broken ? &*broken : nullptr);
}

}  // namespace binarly::tools
