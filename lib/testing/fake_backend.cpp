// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_backend.hpp"

#include "testing/byte_source.hpp"
#include "testing/fake_answers.hpp"
#include "testing/fake_components.hpp"
#include "testing/fake_options.hpp"
#include "testing/fake_report.hpp"
#include "testing/token_endpoint.hpp"
#include "testing/token_refusal.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace binarly::testing {
namespace {

// A report of more is not held.
constexpr std::uint64_t most_held_components = 1000;
constexpr std::size_t most_heads = 64;
constexpr std::string_view view_products = "products.view";
constexpr std::string_view view_reports = "reports.view";

std::shared_ptr<token_register> register_for(const fake_service_options& options) {
  if (!is_played(options.identity)) return nullptr;
  return std::make_shared<token_register>(options.seed, options.identity);
}

bool same_letters(std::string_view left, std::string_view right) {
  return std::ranges::equal(
      left, right, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// What a report says while its scan is not done; nothing where it is there all the same.
std::optional<fake_answer> early_answer(early_report what) {
  switch (what) {
    case early_report::status_202:
      return envelope(202, "the report is not ready");
    case early_report::status_204:
      return envelope(204, "");
    case early_report::status_400:
      return envelope(400, "the scan is not completed");
    case early_report::status_404:
      return envelope(404, "report not found");
    case early_report::status_409:
      return envelope(409, "the scan is in progress");
    case early_report::status_422:
      return envelope(422, "the image has no completed scan");
    case early_report::status_500:
      return envelope(500, "internal error");
    case early_report::status_502:
      return envelope(502, "the report cannot be made");
    default:
      return std::nullopt;
  }
}

void increase(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

fake_backend::fake_backend(const fake_service_options& options)
    : catalogue(checked(options).seed, options.images, options.products),
      tokens(register_for(options)),
      token_path(testing::token_path(options.identity)),
      records_heads(options.record_heads),
      plan(options.faults, options.seed),
      identity_(options.identity),
      token_plan_(checked(options.identity.faults), ~options.seed),
      scans_(options.scans, options.seed),
      token_(options.token),
      prefix_(options.path_prefix),
      root_(options.path_prefix + "/api/v4/"),
      token_target_(options.path_prefix + token_path),
      elsewhere_(options.elsewhere),
      answers_per_connection_(options.answers_per_connection),
      report_components_(options.report_components),
      gzip_reports_(options.gzip_reports),
      latency_(options.latency),
      permissions_(checked(options.permissions)) {
  if (tokens) accepted_.push_back(tokens);
}

void fake_backend::script_token_requests(std::vector<misbehaviour> next) {
  token_plan_.script(token_target_, checked(std::move(next)));
}

void fake_backend::set_scan(const image_ref& ref, fake_scan scan) {
  const auto number = catalogue.find_image(ref.product_id(), ref.image_id());
  if (!number) refuse_option("ref: there is no such image");
  scans_.set(*number, std::move(scan));
}

void fake_backend::set_permissions(std::vector<std::string> permissions) {
  auto good = checked(std::move(permissions));
  const std::lock_guard lock(mutex_);
  permissions_ = std::move(good);
}

void fake_backend::accept(std::shared_ptr<token_register> issued_elsewhere) {
  const std::lock_guard lock(mutex_);
  accepted_.push_back(std::move(issued_elsewhere));
}

void fake_backend::revoke_tokens() {
  const std::lock_guard lock(mutex_);
  for (const auto& each : accepted_)
    each->revoke_all();
}

std::vector<std::string> fake_backend::recent_heads() const {
  const std::lock_guard lock(mutex_);
  return {heads_.begin(), heads_.end()};
}

void fake_backend::record(const std::string& head) {
  const std::lock_guard lock(mutex_);
  if (heads_.size() == most_heads) heads_.pop_front();
  heads_.push_back(head);
}

fake_backend::entry fake_backend::entry_for(std::string_view authorization) const {
  constexpr std::string_view scheme = "bearer ";
  const std::lock_guard lock(mutex_);
  if (token_.empty() && accepted_.empty()) return entry::granted;
  if (!same_letters(authorization.substr(0, scheme.size()), scheme)) return entry::refused;
  const std::string_view shown = authorization.substr(scheme.size());
  const auto accepts = [&](const auto& each) { return each->accept(shown); };
  const auto knows_as_useless = [&](const auto& each) { return each->is_useless(shown); };
  if ((!token_.empty() && shown == token_) || std::ranges::any_of(accepted_, accepts)) {
    return entry::granted;
  }
  return std::ranges::any_of(accepted_, knows_as_useless) ? entry::wrong_audience : entry::refused;
}

bool fake_backend::may(std::string_view permission) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(permissions_, permission) != permissions_.end();
}

std::string fake_backend::name_of(const fake_route& way) const {
  if (const auto number = catalogue.find_image(way.product, way.image)) {
    return catalogue.image_at(*number).ref.path();
  }
  // What is not there has no name: the request's own text is not repeated.
  if (!catalogue.find_product(way.product)) return {};
  return "products/" + in_capitals(way.product);
}

fake_answer fake_backend::proper_answer(const fake_request& request, const fake_route& way,
                                        fault unusual) {
  using thing = fake_route::thing;
  switch (entry_for(request.authorization)) {
    case entry::refused:
      return unauthorized("the bearer token is missing or not accepted");
    case entry::wrong_audience:
      return unauthorized("the token's audience is not accepted: main-api was expected");
    case entry::granted:
      break;
  }
  // Outside of the API nobody knows its form.
  if (way.what == thing::elsewhere) {
    return answer_of(canned_answer(404, "text/plain; charset=utf-8", "404 page not found\n"));
  }
  if (way.what == thing::unknown) return envelope(404, "no such path");
  if (request.method != fake_method::get) {
    fake_answer answer = envelope(405, "only GET is understood here");
    answer.headers = "Allow: GET\r\n";
    return answer;
  }
  const std::string_view needed = way.what == thing::report ? view_reports : view_products;
  if (!may(needed)) return denied(needed, name_of(way));
  if (way.what == thing::images) return images_answer(way, unusual);
  const auto number = catalogue.find_image(way.product, way.image);
  if (!number) return envelope(404, "image not found");
  return image_answer(way, *number, unusual);
}

fake_answer fake_backend::images_answer(const fake_route& way, fault unusual) const {
  const auto product = catalogue.find_product(way.product);
  if (!product) return envelope(404, "product not found");
  fake_answer answer;
  catalogue.append_images_of(answer.body, *product, [&](std::uint64_t number) {
    image_form form;
    form.unusual = unusual;
    form.scan = scans_.peek(number);
    return form;
  });
  return answer;
}

fake_answer fake_backend::image_answer(const fake_route& way, std::uint64_t number, fault unusual) {
  using thing = fake_route::thing;
  if (way.what == thing::report && !way.wants_json &&
      (way.format == sbom_format::cyclonedx || way.wants_another)) {
    return envelope(400, "contentType: only json is written here");
  }
  image_form form;
  form.with_counts = way.with_counts;
  form.unusual = unusual;
  form.scan = scans_.look(number);
  const bool early = form.scan && !form.scan->done;
  if (early && form.scan->before == early_report::no_checksums) unusual = fault::no_checksums;
  fake_answer answer;
  switch (way.what) {
    case thing::scans:
      catalogue.append_scans_of(answer.body, number, form);
      return answer;
    case thing::scan:
      if (catalogue.append_scan_of(answer.body, number, way.scan, form)) return answer;
      return envelope(404, "scan not found");
    case thing::components:
      if (!catalogue.has_scan(number, way.scan, form)) return envelope(404, "scan not found");
      [[fallthrough]];
    case thing::report:
      if (early) {
        if (auto refused = early_answer(form.scan->before)) return *std::move(refused);
      }
      return way.what == thing::report ? report_answer(way, number, unusual)
                                       : components_answer(number, unusual);
    default:
      catalogue.append_image(answer.body, number, form);
      return answer;
  }
}

void fake_backend::put_in_form(fake_answer& answer, const fake_request& request,
                               fault unusual) const {
  // Refusals stay as they are.
  if (answer.status != 200) return;
  // The mark belongs into the coded text.
  if (unusual == fault::byte_order_mark) put_mark(answer);
  const bool asked_for =
      answer.source && gzip_reports_ && request.accept_encoding.find("gzip") != std::string::npos;
  if (unusual == fault::gzip || asked_for) put_in_gzip(answer);
  if (answer.source && report_components_ <= most_held_components) {
    answer.body = read_all(*answer.source);
    answer.source = nullptr;
  }
}

fake_answer fake_backend::report_answer(const fake_route& way, std::uint64_t number,
                                        fault unusual) const {
  report_order order;
  order.number = number;
  order.format = way.format;
  order.components = report_components_;
  order.broken = unusual == fault::broken_json;
  order.checksums = unusual != fault::no_checksums;
  fake_answer answer;
  answer.source = std::make_unique<fake_report>(catalogue, order);
  return answer;
}

fake_answer fake_backend::components_answer(std::uint64_t number, fault unusual) const {
  const auto checksums = unusual == fault::no_checksums ? fake_components::checksums::absent
                                                        : fake_components::checksums::there;
  fake_answer answer;
  answer.source =
      std::make_unique<fake_components>(catalogue, number, report_components_, checksums);
  return answer;
}

fake_answer fake_backend::spoilt_answer(const misbehaviour& wrong, const fake_route& way) const {
  using thing = fake_route::thing;
  if (auto common = common_answer(wrong)) return *std::move(common);
  const std::uint64_t number = catalogue.find_image(way.product, way.image).value_or(0);
  const bool report = way.what == thing::report;
  image_form form;
  form.with_counts = way.with_counts;
  fake_answer answer;
  switch (wrong.kind) {
    case fault::broken_json:
      if (report) return report_answer(way, number, wrong.kind);
      catalogue.append_image(answer.body, number, form);
      answer.body.resize(answer.body.size() / 2);
      break;
    case fault::wrong_image:
      if (report) return report_answer(way, number + 1, fault::none);
      catalogue.append_image(answer.body, number + 1, form);
      break;
    case fault::deep_json:
      // An image or a report but for one unknown member, so that skipping it must be bounded, too.
      if (report) {
        answer.body = way.format == sbom_format::spdx ? R"({"spdxVersion":"SPDX-2.3"})"
                                                      : R"({"bomFormat":"CycloneDX"})";
      } else {
        catalogue.append_image(answer.body, number, form);
      }
      nest_deeply(answer.body);
      break;
    case fault::huge_body:
      answer.body = R"({"id":")";
      break;
    default:
      answer = denied(report ? view_reports : view_products, name_of(way));
      break;
  }
  return answer;
}

fake_answer fake_backend::spoilt_token_answer(const misbehaviour& wrong,
                                              const fake_request& request) const {
  fake_answer answer;
  switch (wrong.kind) {
    case fault::status_500:
      answer = spoilt_answer(wrong, fake_route());
      answer.body = oauth_error("server_error", "internal error");
      break;
    case fault::forbidden:
      answer.status = 403;
      answer.body = oauth_error("access_denied", "permission denied");
      break;
    case fault::broken_json:
      answer.body = R"({"access_token":"fake-token-)";
      break;
    case fault::huge_body:
      answer.body = R"({"access_token":")";
      break;
    case fault::deep_json:
      // A good token but for one unknown member.
      answer = answer_token_request(identity_, request, *tokens);
      nest_deeply(answer.body);
      break;
    default:
      answer = spoilt_answer(wrong, fake_route());
      break;
  }
  return answer;
}

delivery fake_backend::answer_to(const fake_request& request, std::size_t answered) {
  increase(counters.requests);
  if (records_heads) record(request.head);
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (!tokens || !path.starts_with(prefix_)) return api_answer_to(request, answered);
  if (path == token_target_) return token_answer_to(request, answered);
  const std::string_view below = path.substr(prefix_.size());
  if (!below.starts_with(realms_path)) return api_answer_to(request, answered);
  return sent(answer_unknown_path(identity_, below), misbehaviour(), request, answered);
}

delivery fake_backend::api_answer_to(const fake_request& request, std::size_t answered) {
  const fake_route way = route_to(request.target, root_);
  const misbehaviour wrong = plan.next(way.resource);
  if (wrong.kind != fault::none) increase(counters.faults);

  fake_answer answer;
  if (replaces_the_answer(wrong.kind)) {
    answer = spoilt_answer(wrong, way);
  } else if (elsewhere_ && way.what == fake_route::thing::elsewhere) {
    answer = answer_of(*elsewhere_);
  } else {
    answer = proper_answer(request, way, wrong.kind);
  }
  put_in_form(answer, request, wrong.kind);
  if (answer.status == 401) increase(counters.unauthorized);
  return sent(std::move(answer), wrong, request, answered);
}

delivery fake_backend::token_answer_to(const fake_request& request, std::size_t answered) {
  increase(counters.token_requests);
  const misbehaviour wrong = token_plan_.next(token_target_);
  if (wrong.kind != fault::none) increase(counters.faults);
  fake_answer answer = replaces_the_answer(wrong.kind)
                           ? spoilt_token_answer(wrong, request)
                           : answer_token_request(identity_, request, *tokens);
  put_in_form(answer, request, wrong.kind);
  return sent(std::move(answer), wrong, request, answered);
}

delivery fake_backend::sent(fake_answer answer, const misbehaviour& wrong,
                            const fake_request& request, std::size_t answered) const {
  framing frame;
  frame.request_number = counters.requests.load(std::memory_order_relaxed);
  frame.keep_alive = request.keep_alive &&
                     (answers_per_connection_ == 0 || answered + 1 < answers_per_connection_);
  frame.head_only = request.method == fake_method::head;
  delivery made = deliver(std::move(answer), wrong, frame);
  made.wait += latency_;
  return made;
}

delivery fake_backend::refuse(request_reader::outcome why) {
  auto answer = why == request_reader::outcome::head_too_large
                    ? envelope(431, "the head is larger than 16 kB")
                : why == request_reader::outcome::body_too_large
                    ? envelope(413, "the body is larger than 64 kB")
                    : envelope(400, "not an HTTP request");
  framing frame;
  frame.request_number = counters.requests.load(std::memory_order_relaxed);
  frame.keep_alive = false;
  return deliver(std::move(answer), misbehaviour(), frame);
}

}  // namespace binarly::testing
