"""What is not needed is not imported, and can be imported again afterwards."""

import importlib
import sys

import pytest

from ecom_assets.heavy_imports import without_import

NAME = "module_of_this_test"


def test_a_module_cannot_be_imported_inside_and_can_be_afterwards(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("modules")
    (folder / f"{NAME}.py").write_text("")
    monkeypatch.syspath_prepend(str(folder))
    with without_import(NAME), pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)
    assert importlib.import_module(NAME)
    with without_import(NAME):
        assert importlib.import_module(NAME)  # it is loaded: nothing is saved any more
    assert sys.modules[NAME]
