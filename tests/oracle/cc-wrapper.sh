#!/bin/sh
# A compiler that also writes down what it calls: gcc with the plugin, and the text that is left
# after the preprocessor's conditions, into ORACLE_OUT. Set by the oracle: ORACLE_PLUGIN, ORACLE_OUT.
is_unit=
for argument; do
  case $argument in
    -c) is_unit="${is_unit}c" ;;
    /dev/null|*conftest*) exec gcc "$@" ;;
    *.c) is_unit="${is_unit}s" ;;
  esac
done
case $is_unit in
  *c*s*|*s*c*) ;;
  *) exec gcc "$@" ;;
esac
gcc "-fplugin=$ORACLE_PLUGIN" "-fplugin-arg-calls_plugin-folder=$ORACLE_OUT" "$@" || exit
dropped=
for argument; do
  shift
  if [ "$dropped" ]; then dropped=; continue; fi
  case $argument in
    -o|-MF|-MT|-MQ) dropped=next ;;
    -c|-M*|-Wp,-M*) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
gcc "$@" -E -fdirectives-only -fworking-directory -w -o "$ORACLE_OUT/$$.i" || rm -f "$ORACLE_OUT/$$.i"
exit 0
