// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/exit_code.hpp"
#include "tools/serve_settings.hpp"
#include "tools/standard_streams.hpp"
#include "tools/text.hpp"
#include "tools/validators.hpp"

#include <binarly/failure.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace tools = binarly::tools;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

constexpr const char* about =
    "Verifies images uploaded to a Binarly Transparency Platform, many at a time.\n"
    "An independent client; not made by the platform's publisher.";

constexpr const char* footer =
    "\nEnvironment:\n"
    "  BINARLY_API_URL     the service, such as https://dashboard-{slug}.binarly.cloud\n"
    "  BTP_INSTANCE_SLUG   the {slug} alone: the service and its identity server\n"
    "  TOKEN               the bearer token; or, in its place:\n"
    "  BINARLY_CLIENT_ID, BINARLY_CLIENT_SECRET\n"
    "                      client credentials, or\n"
    "  BINARLY_EMAIL, BINARLY_PASSWORD\n"
    "                      a person's, and for either of the two:\n"
    "  BINARLY_AUTH_URL    the server that gives tokens for them\n"
    "  BINARLY_SCOPE, BINARLY_AUDIENCE\n"
    "                      what for, where that server must be told\n"
    "  https_proxy, all_proxy, no_proxy\n"
    "                      the proxy (http://, socks5://), and what is reached without it\n"
    "  BINARLY_PRODUCT_ID  the product of images that are given alone, and of a manifest's rows "
    "that\n"
    "                      name none\n"
    "  NO_COLOR            no colours\n"
    "Blanks and line ends around a variable's value, or around what a file holds as a secret, are\n"
    "not part of it. The command line wins over variables, an address over the instance.\n"
    "\nA TIME is a number with a unit, such as 90s, 2m, 1h30m, 1d or 500ms; seconds without one.\n"
    "\nExit codes:\n"
    "  0    all is good\n"
    "  1    some upload is missing, mismatched or forbidden, or a checksum missing\n"
    "  2    the command line, the environment or the manifest cannot be used\n"
    "  3    some lookup failed: the platform's own word could not be had; or the results could\n"
    "       not be written\n"
    "  4    stopped by SIGINT, SIGTERM or SIGHUP, and what was in flight has finished\n"
    "  130  stopped at once by a second SIGINT; 143 by a second SIGTERM, 129 by a second SIGHUP\n"
    "Of several, 2 wins over 3, and 3 over 1.";

constexpr const char* verify_footer =
    "\nThe manifest is CSV whose header names columns out of\n"
    "  product_id,image_id,name,version,author,sha256,sha1,md5,file\n"
    "with commas, semicolons or tabs between them; or JSON with these keys: an object to a line, "
    "an\n"
    "array of objects, or what the platform's list-images prints (whose id and parent are read). "
    "Only\n"
    "image_id is needed, which may be a full name, products/P/images/I; a product that no row "
    "names is\n"
    "BINARLY_PRODUCT_ID. An empty cell, a missing key and null are not compared; \"\" expects an "
    "empty\n"
    "value. file names a local file whose SHA-256 the image must have. Further columns are "
    "refused, "
    "or\n"
    "passed over with --ignore-columns. Errors name line and column, counted in bytes.\n"
    "A row that cannot be used ends the run there, unless --keep-going records it as failed.\n"
    "\nThe results are a journal: a line of JSON for each upload, written as it finishes. After a\n"
    "kill, a full disk or an outage, the same command with --resume keeps the final verdicts, and\n"
    "looks up what failed or is absent. Final is only what the platform itself said of the "
    "upload;\n"
    "--again looks up the named verdicts, too, after uploads, permissions or the manifest were "
    "mended.\n"
    "A run whose token is refused for good, or that something else than the platform answers, "
    "stops\n"
    "early, and says what to put right.\n"
    "\nA damaged line in the results is told; --resume moves it to FILE.damaged, and looks its "
    "upload up\nagain.\n"
    "\nEach output is tried before the first lookup; - is standard output, if nothing else is "
    "there.\n"
    "\nThe first SIGINT, SIGTERM or SIGHUP finishes what is in flight, the second cancels it.";

constexpr const char* hashes_footer =
    "\nPrints a line for each checksum: algorithm, hexadecimal digits and the image's id or the "
    "file's\n"
    "name, with a tab between them. The report is read as it comes, whatever its size; --deadline "
    "is to\n"
    "leave it time. Where two values of one algorithm are stated, both are printed.\n"
    "What is not there, is ambiguous or cannot be used is named on standard error, all else is "
    "printed,\n"
    "and the exit code is 1. It is 1, too, where the platform does not know the image or forbids "
    "it, and\n"
    "3 where no answer could be had.\n"
    "\nWith --source components files are looked up in a scan's component tree, by name or by full "
    "path,\n"
    "which takes the permission products.view alone; a fourth column has the path. The tree has "
    "no\n"
    "checksum of the image itself.";

int complain(const std::string& line, tools::exit_code code) {
  std::cerr << "binarly-images: " << line << '\n';
  return static_cast<int>(code);
}

/// CLI11's own message repeats arguments that were not expected, and such a one may be a secret:
/// only the names of options are shown.
std::string unexpected(const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments) {
    if (argument.size() > 1 && argument[0] == '-') {
      return "unknown option " + tools::printable(argument.substr(0, argument.find('=')), 40);
    }
  }
  return "too many arguments";
}

void add_service(CLI::App& command, tools::service_arguments& service) {
  const std::vector<std::pair<std::string, binarly::client_authentication>> methods{
      {"form", binarly::client_authentication::body},
      {"basic", binarly::client_authentication::basic}};
  command.add_option("--base-url", service.base_url, "The service; else BINARLY_API_URL")
      ->type_name("URL");
  command
      .add_option(
          "--instance", service.instance,
          "The {slug} of https://dashboard-{slug}.binarly.cloud, in place of --base-url and "
          "--auth-url; else BTP_INSTANCE_SLUG")
      ->type_name("SLUG");
  command
      .add_option("--ca-file", service.ca_file,
                  "Trust these, too: authorities, intermediates, a server's own certificate")
      ->type_name("FILE");
  command
      .add_option("--cert", service.cert,
                  "The client's certificate in PEM form, for servers that ask for one")
      ->type_name("FILE");
  command.add_option("--key", service.key, "Its key in PEM form; else in the same file")
      ->type_name("FILE");
  command.add_option("--token-file", service.token_file, "Holds the bearer token; else TOKEN")
      ->type_name("FILE");
  command.add_option("--client-id", service.client_id, "Get tokens for it; else BINARLY_CLIENT_ID")
      ->type_name("ID");
  command
      .add_option("--client-secret-file", service.client_secret_file,
                  "Holds its secret; else BINARLY_CLIENT_SECRET")
      ->type_name("FILE");
  command
      .add_option("--username", service.username,
                  "Get tokens for this person (no single sign-on); else BINARLY_EMAIL")
      ->type_name("NAME");
  command
      .add_option("--password-file", service.password_file,
                  "Holds the person's password; else BINARLY_PASSWORD")
      ->type_name("FILE");
  command.add_option("--auth-url", service.auth_url, "The identity server; else BINARLY_AUTH_URL")
      ->type_name("URL");
  command
      .add_option("--scope", service.scope,
                  "The scope to ask for; else BINARLY_SCOPE, else openid for a person")
      ->type_name("SCOPE");
  command.add_option("--audience", service.audience, "The audience; else BINARLY_AUDIENCE")
      ->type_name("NAME");
  command
      .add_option("--auth-method", service.auth_method,
                  "Where the client's secret stands: form (the default, read alike by all servers "
                  "that take it) or basic (for those that take no other)")
      ->type_name("METHOD")
      ->transform(tools::one_of(methods));
  command
      .add_option("--proxy", service.proxy,
                  "http:// or socks5://; else https_proxy or all_proxy, and no_proxy")
      ->type_name("URL");
  command.add_option("--deadline", service.deadline, "For each lookup, its attempts and backoff")
      ->type_name("TIME")
      ->transform(tools::span(1ms, 24h));
  command.add_option("--attempts", service.attempts, "For each lookup, at most")
      ->type_name("N")
      ->transform(tools::whole_number(1, 100));
  command.add_option("--rate", service.rate, "Requests per second, at most")
      ->type_name("N")
      ->transform(tools::number(0.001, "0.001", 1e6, "1000000"));
  command.add_flag("--verbose", service.verbose, "Show what the client does");
  command
      .add_option("--metrics", service.metrics,
                  "Write metrics in Prometheus' text format at the end")
      ->type_name("FILE");
}

void add_get(CLI::App& app, tools::get_arguments& get) {
  auto* command = app.add_subcommand("get", "Prints one image as JSON");
  command
      ->add_option("image", get.ids,
                   "[PRODUCT] IMAGE, or products/PRODUCT/images/IMAGE; the product is else "
                   "BINARLY_PRODUCT_ID")
      ->type_name("ID")
      ->required()
      ->expected(1, 2);
  command->add_flag("--with-counts", get.with_counts, "Ask for the image's counts, too");
  add_service(*command, get.service);
}

void add_hashes(CLI::App& app, tools::hashes_arguments& hashes) {
  auto* command =
      app.add_subcommand("hashes", "Prints an image's checksums, out of its SBOM report");
  command
      ->add_option("image", hashes.ids,
                   "[PRODUCT] IMAGE, or products/PRODUCT/images/IMAGE; the product is else "
                   "BINARLY_PRODUCT_ID")
      ->type_name("ID")
      ->required()
      ->expected(1, 2);
  // One word each time, or it would take the ids.
  command->add_option("--file", hashes.files, "The checksums of this file in it, too; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option("--algorithm", hashes.algorithms,
                   "Only checksums by this, such as SHA-256; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--format", hashes.format, "The report to read: cyclonedx or spdx")
      ->type_name("FORMAT")
      ->transform(tools::one_of(words{"cyclonedx", "spdx"}))
      ->capture_default_str();
  command->add_option("--source", hashes.source, "Where to look: report, or components (of a scan)")
      ->type_name("SOURCE")
      ->transform(tools::one_of(words{"report", "components"}))
      ->capture_default_str();
  command
      ->add_option("--scan", hashes.scan,
                   "The scan whose components are meant; else the latest that is done")
      ->type_name("ID");
  add_service(*command, hashes.service);
  command->footer(hashes_footer);
}

void add_outputs(CLI::App& command, tools::output_arguments& outputs) {
  using tools::output_format;
  const std::vector<std::pair<std::string, output_format>> formats{
      {"table", output_format::table}, {"json", output_format::json}, {"csv", output_format::csv}};
  command.add_option("--format", outputs.format, "On standard output: table, json or csv")
      ->type_name("FORMAT")
      ->transform(tools::one_of(formats));
  command.add_option("--junit", outputs.junit, "Write a JUnit report")->type_name("FILE");
  command.add_option("--report", outputs.report, "Write a page of HTML")->type_name("FILE");
}

void add_rows(CLI::App& command, tools::manifest_options& rows) {
  command.add_flag("--ignore-columns", rows.ignore_columns,
                   "Pass over columns and keys that are none of a manifest's");
}

void add_verify(CLI::App& app, tools::verify_arguments& verify) {
  auto* command = app.add_subcommand("verify", "Verifies all uploads of a manifest");
  command->add_option("manifest", verify.manifest, "The uploads; - is standard input")
      ->type_name("MANIFEST")
      ->required();
  command->add_option("--window", verify.window, "Uploads looked up at one time, at most")
      ->type_name("N")
      ->transform(tools::whole_number(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--connections", verify.connections, "Connections open at one time, at most")
      ->type_name("N")
      ->transform(tools::whole_number(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--results", verify.results,
                   "Write a line of JSON for each upload; - is standard output")
      ->type_name("FILE");
  auto* resume = command->add_flag_callback(
      "--resume", [&verify] { verify.existing = tools::existing_journal::resume; },
      "Go on with results that are there, if they are");
  auto* overwrite = command->add_flag_callback(
      "--overwrite", [&verify] { verify.existing = tools::existing_journal::overwrite; },
      "Begin anew where results are there");
  resume->needs("--results")->excludes(overwrite);
  overwrite->needs("--results");
  const std::vector<std::pair<std::string, binarly::verdict>> kinds{
      {"missing", binarly::verdict::missing},
      {"forbidden", binarly::verdict::forbidden},
      {"mismatched", binarly::verdict::mismatched}};
  command
      ->add_option("--again", verify.again,
                   "Look these up again, too: missing,forbidden,mismatched")
      ->type_name("VERDICT,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(tools::one_of(kinds))
      ->needs(resume);
  command->add_flag("--durable", verify.durable, "Flush results to the disk each second")
      ->needs("--results");
  add_outputs(*command, verify.outputs);
  command->add_option("--wait", verify.wait, "Look again so long for uploads that are missing: 5m")
      ->type_name("TIME")
      ->transform(tools::span(0ms, 7 * 24h));
  command
      ->add_option("--wait-for-scan", verify.wait_for_scan,
                   "Wait so long for an upload's latest scan to end, and to be done")
      ->type_name("TIME")
      ->transform(tools::span(0ms, 7 * 24h));
  command->add_flag("--accept-failed-scans", verify.accept_failed_scans,
                    "Do not mind a scan that failed or was cancelled");
  command
      ->add_option("--shard", verify.shard,
                   "Take the Kth of N parts; auto or auto/N: as the job array numbers it")
      ->type_name("K/N");
  add_rows(*command, verify.rows);
  command->add_flag("--keep-going", verify.keep_going,
                    "Record rows that cannot be used as failed, and go on");
  command->add_flag("--check", verify.check,
                    "Read the manifest to its end, note odd ids, and send nothing");
  command->add_flag("--quiet", verify.quiet, "Neither progress nor summary, only what went wrong");
  add_service(*command, verify.service);
  command->footer(verify_footer);
}

void add_report(CLI::App& app, tools::report_arguments& report) {
  auto* command = app.add_subcommand("report", "Shows results, those of several shards as one");
  command->add_option("results", report.results, "Files that verify wrote with --results")
      ->type_name("RESULTS")
      ->required();
  command
      ->add_option("--manifest", report.manifest, "Say which rows of it have no result; - is stdin")
      ->type_name("MANIFEST");
  add_rows(*command, report.rows);
  add_outputs(*command, report.outputs);
}

void add_serve(CLI::App& app, tools::serve_arguments& serve) {
  auto* command =
      app.add_subcommand("serve", "Plays the service on loopback, for trials and tests");
  command->add_option("--port", serve.port, "The port; 0 takes a free one")
      ->type_name("N")
      ->transform(tools::whole_number(0, 65'535))
      ->capture_default_str();
  command->add_option("--images", serve.images, "Images that exist")
      ->type_name("N")
      ->transform(tools::whole_number(1, std::uint64_t{1} << 40U))
      ->capture_default_str();
  command->add_option("--faults", serve.faults, "What goes wrong: 429=0.05,reset_in_body=0.02")
      ->type_name("NAME=PROBABILITY,...");
  command->add_option("--ca-out", serve.ca_out, "Write the authority to trust, as PEM")
      ->type_name("FILE");
  command->add_option("--manifest-out", serve.manifest_out, "Write a manifest of all images")
      ->type_name("FILE");
  command->add_option("--token", serve.token, "The bearer token to ask for; else any is good");
  auto* client_id = command->add_option("--client-id", serve.client_id,
                                        "Issue tokens to this client, and ask for them");
  auto* client_secret =
      command->add_option("--client-secret", serve.client_secret, "What that client proves it by");
  client_id->needs(client_secret);
  client_secret->needs(client_id);
  command->add_option("--seed", serve.seed, "Ids, names and dice follow from it")
      ->type_name("N")
      ->transform(tools::whole_number(0))
      ->capture_default_str();
  command
      ->add_option("--latency", serve.latency_ms,
                   "Wait so long before each answer; in milliseconds, without a unit")
      ->type_name("TIME")
      ->transform(tools::span(0ms, 60s, "ms"))
      ->capture_default_str();
  command
      ->add_option("--report-components", serve.report_components,
                   "Components in each SBOM report, some 370 bytes each")
      ->type_name("N")
      ->transform(tools::whole_number(0, 10'000'000))
      ->capture_default_str();
  // One value each time, so that a value may hold commas and whatever follows is no value.
  command->add_option("--set", serve.settings, "How else it is to behave; may be given repeatedly")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->footer(tools::serve_help());
}

void add_demo(CLI::App& app, tools::demo_arguments& demo) {
  auto* command = app.add_subcommand("demo", "Verifies uploads at a service that misbehaves");
  command->add_option("--uploads", demo.uploads, "How many")
      ->type_name("N")
      ->transform(tools::whole_number(10, 10'000'000))
      ->capture_default_str();
  command->add_option("--faults", demo.faults, "What goes wrong, as for serve")
      ->type_name("NAME=PROBABILITY,...");
}

/// CLI11 takes numbers and words for a flag, and repeats others, which may be secrets.
void refuse_values_of_flags(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_expected_max() == 0) option->disable_flag_override();
    }
  }
}

/// CLI11's message about such a value, in ours.
std::string in_our_words(std::string message) {
  constexpr std::string_view clumsy = " was given a disallowed flag override";
  if (const auto at = message.find(clumsy); at != message.npos) {
    message.replace(at, clumsy.size(), " takes no value").insert(0, "--");
  }
  return message;
}

int run(int argc, char** argv) {
  CLI::App app(about, "binarly-images");
  app.footer(footer);
  app.set_version_flag("--version", std::string("binarly-images ") + BINARLY_IMAGES_VERSION);
  app.require_subcommand(1);
  tools::get_arguments get;
  tools::hashes_arguments hashes;
  tools::verify_arguments verify;
  tools::report_arguments report;
  tools::serve_arguments serve;
  tools::demo_arguments demo;
  add_get(app, get);
  add_hashes(app, hashes);
  add_verify(app, verify);
  add_report(app, report);
  add_serve(app, serve);
  add_demo(app, demo);
  refuse_values_of_flags(app);
  const std::string hint = "; see binarly-images --help";
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ExtrasError&) {
    return complain(unexpected(app.remaining(true)) + hint, tools::exit_code::usage);
  } catch (const CLI::ParseError& error) {
    return complain(in_our_words(tools::printable(error.what())) + hint, tools::exit_code::usage);
  }
  verify.rows.product_id = report.rows.product_id =
      tools::process_environment()("BINARLY_PRODUCT_ID").value_or("");
  if (app.got_subcommand("get")) return tools::get(get, tools::process_environment());
  if (app.got_subcommand("hashes")) return tools::hashes(hashes, tools::process_environment());
  if (app.got_subcommand("verify")) return tools::verify(verify, tools::process_environment());
  if (app.got_subcommand("report")) return tools::report(report, tools::process_environment());
  if (app.got_subcommand("serve")) return tools::serve(serve);
  return tools::demo(demo, tools::process_environment());
}

int run_to_its_end(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const tools::command_error& error) {
    return complain(error.what(), error.code());
  } catch (const binarly::failure_error& error) {
    return complain(tools::explain(error.why()), tools::exit_code::usage);
  } catch (const std::exception& error) {
    return complain(tools::printable(error.what()), tools::exit_code::unavailable);
  }
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away and a file that may not grow are errors of the write, and reported.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const tools::standard_streams streams;
  const int code = run_to_its_end(argc, argv);
  // What nobody has looked after until here, such as --help.
  const int lost = tools::lost_output();
  if (lost == 0) return code;
  const int told =
      complain("standard output could not be written to: " + std::generic_category().message(lost),
               tools::exit_code::unavailable);
  return code == static_cast<int>(tools::exit_code::usage) || code > 128 ? code : told;
}
