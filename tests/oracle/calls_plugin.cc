// A plugin for gcc 12: what a translation unit calls, before anything is inlined, as JSON lines.
//
// -fplugin-arg-calls_plugin-folder=FOLDER says where; each unit gets a file of its own there. Every
// line is an object with `k`:
//   unit    the unit's main file, and the folder that relative paths start from
//   fn      a function with a body: name, file, line, end, static
//   call    a call by name: in, to, line, def (the file of the callee's body in this unit), macro
//   ind     a call through a pointer: in, line, through (all that the pointer may be, see below)
//   arg     a function that is handed over in a call: in, to, position, function
//   set     a function that is assigned to a member: in, field, function
//   flow    a pointer that is assigned to a member: in, field, through (where it comes from)
//   init    a function in an initialiser: var, file, field, function
//   ref     a function that a body names, called or not, dead code included: in, function
// `in` is NAME@FILE:LINE. A field is STRUCT.MEMBER@FILE:LINE, the place being that of the member's
// declaration, so that it means the same in every unit; an element of an array is NAME[]@FILE:LINE.
// A pointer's origin is `field F`, `param POSITION`, `var NAME`, `function NAME` or `other`.

#include "gcc-plugin.h"
#include "plugin-version.h"
#include "tree.h"
#include "tree-pass.h"
#include "context.h"
#include "function.h"
#include "basic-block.h"
#include "tree-ssa-alias.h"
#include "gimple-expr.h"
#include "gimple.h"
#include "gimple-iterator.h"
#include "gimple-walk.h"
#include "tree-iterator.h"
#include "stringpool.h"
#include "attribs.h"
#include "cgraph.h"
#include "toplev.h"

#include <map>
#include <set>
#include <string>
#include <vector>
#include <unistd.h>

int plugin_is_GPL_compatible;

namespace {

FILE *out;

std::string quoted(const std::string &text) {
  std::string made = "\"";
  for (unsigned char each : text) {
    char escape[8];
    if (each == '"' || each == '\\') {
      made += '\\';
      made += each;
    } else if (each < 0x20) {
      snprintf(escape, sizeof escape, "\\u%04x", each);
      made += escape;
    } else {
      made += each;
    }
  }
  return made + "\"";
}

struct Line {
  std::string text;
  explicit Line(const char *kind) : text("{\"k\": " + quoted(kind)) {}
  Line &with(const char *key, const std::string &value) {
    text += ", \"" + std::string(key) + "\": " + quoted(value);
    return *this;
  }
  Line &with(const char *key, int value) {
    text += ", \"" + std::string(key) + "\": " + std::to_string(value);
    return *this;
  }
  Line &with(const char *key, const std::set<std::string> &values) {
    text += ", \"" + std::string(key) + "\": [";
    const char *comma = "";
    for (const std::string &each : values) {
      text += comma + quoted(each);
      comma = ", ";
    }
    text += "]";
    return *this;
  }
  void print() { fprintf(out, "%s}\n", text.c_str()); }
};

expanded_location place(location_t location) {
  return expand_location(
      linemap_resolve_location(line_table, location, LRK_MACRO_EXPANSION_POINT, NULL));
}

std::string at(tree decl) {
  expanded_location found = place(DECL_SOURCE_LOCATION(decl));
  return std::string("@") + (found.file ? found.file : "") + ":" + std::to_string(found.line);
}

std::string name_of(tree decl) {
  return decl && DECL_NAME(decl) ? IDENTIFIER_POINTER(DECL_NAME(decl)) : "";
}

std::string tag_of(tree type) {
  type = TYPE_MAIN_VARIANT(type);
  tree name = TYPE_NAME(type);
  if (name && TREE_CODE(name) == TYPE_DECL) name = DECL_NAME(name);
  return name ? IDENTIFIER_POINTER(name) : "";
}

std::string field_of(tree field) {
  return tag_of(DECL_CONTEXT(field)) + "." + name_of(field) + at(field);
}

tree function_in(tree value) {
  while (value && (CONVERT_EXPR_P(value) || TREE_CODE(value) == NON_LVALUE_EXPR))
    value = TREE_OPERAND(value, 0);
  if (value && TREE_CODE(value) == ADDR_EXPR) value = TREE_OPERAND(value, 0);
  return value && TREE_CODE(value) == FUNCTION_DECL ? value : NULL_TREE;
}

std::string caller_id(tree function) { return name_of(function) + at(function); }

std::string home(tree function) {
  if (!DECL_STRUCT_FUNCTION(function) && !DECL_INITIAL(function)) return "";
  expanded_location found = place(DECL_SOURCE_LOCATION(function));
  return found.file ? found.file : "";
}

std::string macro_of(location_t location) {
  if (!linemap_location_from_macro_expansion_p(line_table, location)) return "";
  const line_map *map = linemap_lookup(line_table, location);
  return linemap_map_get_macro_name(linemap_check_macro(map));
}

// --- what a body names, before anything is folded ---

struct Walked {
  std::string in;
  std::set<std::string> seen;
};

tree note_reference(tree *each, int *, void *data) {
  Walked *walked = static_cast<Walked *>(data);
  if (TREE_CODE(*each) == FUNCTION_DECL) walked->seen.insert(name_of(*each));
  if (TREE_CODE(*each) == BIND_EXPR)
    for (tree var = BIND_EXPR_VARS(*each); var; var = DECL_CHAIN(var))
      if (tree cleanup = lookup_attribute("cleanup", DECL_ATTRIBUTES(var)))
        walked->seen.insert(IDENTIFIER_POINTER(TREE_VALUE(TREE_VALUE(cleanup))));
  if (TREE_CODE(*each) == DECL_EXPR) {
    tree var = DECL_EXPR_DECL(*each);
    if (VAR_P(var) && DECL_INITIAL(var) && TREE_STATIC(var))
      walk_tree(&DECL_INITIAL(var), note_reference, data, NULL);
  }
  return NULL_TREE;
}

void before_generic(void *event, void *) {
  tree function = static_cast<tree>(event);
  Walked walked{caller_id(function), {}};
  walk_tree_without_duplicates(&DECL_SAVED_TREE(function), note_reference, &walked);
  for (const std::string &name : walked.seen)
    Line("ref").with("in", walked.in).with("function", name).print();
}

// --- initialisers ---

void walk_initialiser(tree var, tree value, const std::string &field) {
  while (CONVERT_EXPR_P(value) || TREE_CODE(value) == NON_LVALUE_EXPR)
    value = TREE_OPERAND(value, 0);
  if (tree function = function_in(value)) {
    expanded_location found = place(DECL_SOURCE_LOCATION(var));
    Line("init")
        .with("var", name_of(var))
        .with("file", found.file ? found.file : "")
        .with("line", found.line)
        .with("field", field)
        .with("function", name_of(function))
        .with("def", home(function))
        .with("static", !TREE_PUBLIC(function))
        .print();
    return;
  }
  if (TREE_CODE(value) == COMPOUND_LITERAL_EXPR)
    value = DECL_INITIAL(COMPOUND_LITERAL_EXPR_DECL(value));
  if (value && TREE_CODE(value) == ADDR_EXPR) {
    tree inner = TREE_OPERAND(value, 0);
    if (TREE_CODE(inner) == COMPOUND_LITERAL_EXPR) inner = COMPOUND_LITERAL_EXPR_DECL(inner);
    if (VAR_P(inner) && !DECL_NAME(inner) && DECL_INITIAL(inner))
      walk_initialiser(var, DECL_INITIAL(inner), field);
    return;
  }
  if (!value || TREE_CODE(value) != CONSTRUCTOR) return;
  unsigned HOST_WIDE_INT index;
  tree key, each;
  FOR_EACH_CONSTRUCTOR_ELT(CONSTRUCTOR_ELTS(value), index, key, each) {
    bool is_field = key && TREE_CODE(key) == FIELD_DECL;
    // An element of an array: of a member if the array is one, else of the variable.
    std::string own = is_field        ? field_of(key)
                      : field.empty() ? name_of(var) + "[]" + at(var)
                                      : field;
    walk_initialiser(var, each, own);
  }
}

void after_declaration(void *event, void *) {
  tree var = static_cast<tree>(event);
  if (VAR_P(var) && DECL_INITIAL(var) && DECL_INITIAL(var) != error_mark_node)
    walk_initialiser(var, DECL_INITIAL(var), "");
}

// --- calls ---

using Origins = std::set<std::string>;
using Assigned = std::map<tree, std::vector<tree>>;

int position_of(tree parameter) {
  int position = 0;
  tree each = DECL_ARGUMENTS(DECL_CONTEXT(parameter));
  for (; each && each != parameter; each = DECL_CHAIN(each)) position++;
  return position;
}

void origins_of(tree value, const Assigned &assigned, Origins &found, std::set<tree> &seen) {
  while (value && (CONVERT_EXPR_P(value) || TREE_CODE(value) == NON_LVALUE_EXPR))
    value = TREE_OPERAND(value, 0);
  if (!value) return;
  if (tree function = function_in(value)) {
    found.insert("function " + name_of(function));
    return;
  }
  switch (TREE_CODE(value)) {
    case COMPONENT_REF:
      found.insert("field " + field_of(TREE_OPERAND(value, 1)));
      return;
    case ARRAY_REF: {
      tree base = TREE_OPERAND(value, 0);
      if (TREE_CODE(base) == COMPONENT_REF)
        found.insert("field " + field_of(TREE_OPERAND(base, 1)));
      else if (VAR_P(base))
        found.insert("field " + name_of(base) + "[]" + at(base));
      else
        found.insert("other");
      return;
    }
    case PARM_DECL:
      found.insert("param " + std::to_string(position_of(value)));
      break;
    default:
      break;
  }
  if (!seen.insert(value).second) return;
  auto all = assigned.find(value);
  if (all != assigned.end()) {
    for (tree each : all->second) origins_of(each, assigned, found, seen);
    return;
  }
  if (TREE_CODE(value) == SSA_NAME && SSA_NAME_VAR(value))
    origins_of(SSA_NAME_VAR(value), assigned, found, seen);
  else if (VAR_P(value) && DECL_NAME(value))
    found.insert("var " + name_of(value) + at(value));
  else if (TREE_CODE(value) != PARM_DECL && TREE_CODE(value) != INTEGER_CST)
    found.insert("other");
}

Origins origins(tree value, const Assigned &assigned) {
  Origins found;
  std::set<tree> seen;
  origins_of(value, assigned, found, seen);
  return found;
}

struct Body {
  tree function;
  std::string in;
  Assigned assigned;
  std::vector<gimple *> calls;
  std::vector<std::pair<tree, tree>> stores;  // a member, and the pointer that is put there
};

tree collect(gimple_stmt_iterator *where, bool *handled, walk_stmt_info *info) {
  Body *body = static_cast<Body *>(info->info);
  gimple *statement = gsi_stmt(*where);
  *handled = false;
  if (is_gimple_call(statement)) body->calls.push_back(statement);
  if (is_gimple_assign(statement)) {
    tree left = gimple_assign_lhs(statement);
    tree target = TREE_CODE(left) == ARRAY_REF ? TREE_OPERAND(left, 0) : left;
    tree type = TREE_TYPE(left);
    if (TREE_CODE(target) == COMPONENT_REF && POINTER_TYPE_P(type) &&
        TREE_CODE(TREE_TYPE(type)) == FUNCTION_TYPE && gimple_assign_single_p(statement))
      body->stores.push_back({TREE_OPERAND(target, 1), gimple_assign_rhs1(statement)});
    for (unsigned i = 1; i < gimple_num_ops(statement); i++) {
      tree right = gimple_op(statement, i);
      if (!right) continue;
      if (TREE_CODE(left) == VAR_DECL || TREE_CODE(left) == SSA_NAME ||
          TREE_CODE(left) == PARM_DECL)
        body->assigned[left].push_back(right);
      if (TREE_CODE(right) == CONSTRUCTOR) continue;
      tree function = function_in(right);
      if (function && TREE_CODE(target) == COMPONENT_REF)
        Line("set")
            .with("in", body->in)
            .with("field", field_of(TREE_OPERAND(target, 1)))
            .with("function", name_of(function))
            .with("def", home(function))
            .with("static", !TREE_PUBLIC(function))
            .print();
    }
  }
  return NULL_TREE;
}

void print_call(const Body &body, gimple *statement) {
  location_t location = gimple_location(statement);
  int line = place(location).line;
  tree callee = gimple_call_fndecl(statement);
  if (callee) {
    Line("call")
        .with("in", body.in)
        .with("to", name_of(callee))
        .with("line", line)
        .with("def", home(callee))
        .with("static", !TREE_PUBLIC(callee))
        .with("macro", macro_of(location))
        .print();
  } else if (gimple_call_fn(statement)) {
    Line("ind")
        .with("in", body.in)
        .with("line", line)
        .with("macro", macro_of(location))
        .with("through", origins(gimple_call_fn(statement), body.assigned))
        .print();
  }
  for (unsigned i = 0; i < gimple_call_num_args(statement); i++)
    if (tree function = function_in(gimple_call_arg(statement, i)))
      Line("arg")
          .with("in", body.in)
          .with("to", callee ? name_of(callee) : "")
          .with("position", i)
          .with("line", line)
          .with("function", name_of(function))
          .print();
}

void print_body(tree function) {
  expanded_location start = place(DECL_SOURCE_LOCATION(function));
  expanded_location end = place(DECL_STRUCT_FUNCTION(function)->function_end_locus);
  Body body{function, caller_id(function), {}, {}, {}};
  Line("fn")
      .with("id", body.in)
      .with("name", name_of(function))
      .with("file", start.file ? start.file : "")
      .with("line", start.line)
      .with("end", end.line)
      .with("static", !TREE_PUBLIC(function))
      .with("weak", DECL_WEAK(function) ? 1 : 0)
      .print();
  walk_stmt_info info;
  memset(&info, 0, sizeof info);
  info.info = &body;
  walk_gimple_seq(gimple_body(function), collect, NULL, &info);
  for (gimple *each : body.calls) print_call(body, each);
  for (const auto &[field, value] : body.stores)
    if (!function_in(value))
      Line("flow")
          .with("in", body.in)
          .with("field", field_of(field))
          .with("through", origins(value, body.assigned))
          .print();
}

const pass_data calls_data = {GIMPLE_PASS, "calls", OPTGROUP_NONE, TV_NONE,
                              PROP_gimple_any, 0, 0, 0, 0};

struct calls_pass : gimple_opt_pass {
  explicit calls_pass(gcc::context *context) : gimple_opt_pass(calls_data, context) {}
  unsigned int execute(function *current) final override {
    print_body(current->decl);
    return 0;
  }
};

void at_end(void *, void *) {
  fclose(out);
}

}  // namespace

int plugin_init(plugin_name_args *info, plugin_gcc_version *version) {
  if (!plugin_default_version_check(version, &gcc_version)) return 1;
  std::string folder = ".";
  for (int i = 0; i < info->argc; i++)
    if (!strcmp(info->argv[i].key, "folder")) folder = info->argv[i].value;
  char name[32];
  snprintf(name, sizeof name, "/%ld.jsonl", static_cast<long>(getpid()));
  out = fopen((folder + name).c_str(), "a");
  if (!out) return 1;
  Line("unit").with("folder", getpwd()).with("main", main_input_filename ? main_input_filename : "")
      .print();
  register_pass_info pass = {new calls_pass(g), "*warn_unused_result", 1, PASS_POS_INSERT_BEFORE};
  register_callback(info->base_name, PLUGIN_PASS_MANAGER_SETUP, NULL, &pass);
  register_callback(info->base_name, PLUGIN_PRE_GENERICIZE, before_generic, NULL);
  register_callback(info->base_name, PLUGIN_FINISH_DECL, after_declaration, NULL);
  register_callback(info->base_name, PLUGIN_FINISH, at_end, NULL);
  return 0;
}
