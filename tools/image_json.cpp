// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/image_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace binarly::tools {

namespace {

namespace json = boost::json;

void put(json::object& into, json::string_view name, const std::string& text) {
  if (!text.empty()) into[name] = text;
}

void put(json::object& into, json::string_view name, const std::optional<timestamp>& time) {
  if (time) into[name] = time->text;
}

/// JSON that the library kept as text; should it not be readable after all, the text itself.
void put_kept(json::object& into, json::string_view name, const std::string& text) {
  if (text.empty()) return;
  json::error_code ec;
  json::value value = json::parse(text, ec);
  into[name] = ec ? json::value(text) : std::move(value);
}

/// The service sends either form, and may send either one empty, or none.
json::value from(const author& who) {
  if (!who.text.empty()) return json::value(who.text);
  json::object out;
  put(out, "userId", who.user_id);
  put(out, "id", who.id);
  put(out, "email", who.email);
  put(out, "createTime", who.create_time);
  put(out, "status", who.status);
  put(out, "resourceType", who.resource_type);
  if (out.empty()) return json::value("");
  return out;
}

json::value from(const image_file& file) {
  json::object out;
  put(out, "id", file.id);
  put(out, "createTime", file.create_time);
  out["author"] = from(file.author);
  put(out, "filename", file.filename);
  out["isAttachment"] = file.is_attachment;
  put(out, "downloadUrl", file.download_url);
  put(out, "parent", file.parent);
  put_kept(out, "metadata", file.metadata);
  return out;
}

json::value from(const scan& one) {
  json::object out;
  put(out, "id", one.id);
  put(out, "createTime", one.create_time);
  out["author"] = from(one.author);
  put(out, "parent", one.parent);
  if (one.latest_state) {
    json::object& state = out["latestScanState"].emplace_object();
    put(state, "id", one.latest_state->id);
    put(state, "type", one.latest_state->type);
    put(state, "createTime", one.latest_state->create_time);
  }
  return out;
}

template <class T>
void put_all(json::object& into, json::string_view name, const std::vector<T>& items) {
  if (items.empty()) return;
  json::array& all = into[name].emplace_array();
  for (const T& item : items)
    all.push_back(from(item));
}

/// The depth of what is written was bounded when it was read.
void write(std::string& out, const json::value& value, std::size_t depth) {
  const auto indent = [&out](std::size_t levels) { out += '\n' + std::string(2 * levels, ' '); };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    char mark = '{';
    for (const auto& [name, member] : *object) {
      out += std::exchange(mark, ',');
      indent(depth + 1);
      out += json::serialize(json::string(name)) + ": ";
      write(out, member, depth + 1);
    }
    indent(depth);
    out += '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    char mark = '[';
    for (const auto& member : *array) {
      out += std::exchange(mark, ',');
      indent(depth + 1);
      write(out, member, depth + 1);
    }
    indent(depth);
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string image_json(const image& found) {
  json::object out;
  out["id"] = found.id;
  out["name"] = found.name;
  out["version"] = found.version;
  const std::string& created = found.create_time.text;
  out["createTime"] = created.empty() ? json::value(nullptr) : json::value(created);
  out["author"] = from(found.author);
  put(out, "parent", found.parent);
  if (found.is_archived) out["isArchived"] = *found.is_archived;
  put_all(out, "files", found.files);
  put_all(out, "scans", found.scans);
  if (found.latest_scan) out["latestScan"] = from(*found.latest_scan);
  if (found.counts) {
    json::object& counts = out["counts"].emplace_object();
    for (const auto& [name, value] : found.counts->by_name)
      counts[name] = value;
    put_kept(counts, "findingTypeCounts", found.counts->finding_type_counts);
  }
  std::string text;
  write(text, out, 0);
  return text + '\n';
}

}  // namespace binarly::tools
