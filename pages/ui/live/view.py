"""What the live panel is told by the page: the run's shape and the words it may use. What moves it fetches itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mmoe_core.config import RunConfig, Schema, ScoreSpace, audience, score_space, sizes

from .words import EMBEDDING, STRINGS

__all__ = ["LiveTask", "LiveView"]


@dataclass(frozen=True)
class LiveTask:
    """One task as the panel shows it."""

    name: str  # as in the records
    label: str  # as people read it
    space: str = ""  # over which rows its numbers mean what they say
    kind: Literal["binary", "regression"] = "binary"
    tower_widths: tuple[int, ...] = ()
    weight: float = 1.0  # before the first record says what is in force


@dataclass(frozen=True)
class LiveView:
    """One panel: what stands still while the run moves.

    `strings` translates the texts of `STRINGS` and, where the page knows them, the templates of errors;
    what is absent is said in English.
    """

    tasks: tuple[LiveTask, ...]
    experts: tuple[str, ...]  # what people call those that the tasks read
    owners: tuple[int, ...]  # per expert the place of the task that it belongs to; -1: shared
    heard: tuple[tuple[bool, ...], ...]  # per task and expert, whether the one can hear the other
    embedding: str  # one line about the shared embedding, already in the reader's language
    total_steps: int | None = None  # until the run itself says it
    badge: str | None = None
    mode: Literal["live", "replay"] = "live"
    is_compact: bool = False
    language: Literal["en", "zh"] = "en"
    has_choice: bool = True  # else the gates stand fixed
    gates_note: str = ""  # what is special about them
    cvr_on_clicks: str = ""  # what the second factor of a product is called
    strings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_run(
        cls,
        config: RunConfig,
        schema: Schema,
        *,
        translate: Callable[[str], str] = str,
        task_label: Callable[[str], str] = str,
        expert_label: Callable[[str], str] = str,
        space_name: Callable[[ScoreSpace], str] = str,
        **choices: Any,
    ) -> LiveView:
        """The panel of a run.

        Args:
            config: What is trained.
            schema: What it is trained on.
            translate: English text → the reader's language; asked for every text of `STRINGS`.
            task_label: A task's name → what people call it; likewise `expert_label`, `space_name`.
            choices: `total_steps`, `badge`, `gates_note`, `mode`, `is_compact`, `language`.
        """
        model = config.model
        tasks = tuple(
            LiveTask(
                name=task.name,
                label=task_label(task.name),
                space=space_name(score_space(task, model)),
                kind=task.kind,
                tower_widths=model.tower(task.name),
                weight=config.train.task_weight(task.name),
            )
            for task in schema.tasks
        )
        embedding = translate(EMBEDDING).format(
            fields=len(schema.id_fields),
            size=model.embedding_size,
            values=len(schema.value_fields),
            width=sizes(model, schema).input_width,
        )
        strings = {text: translate(text) for text in STRINGS}
        read_by_tasks = audience(model, schema.task_names)[-1]
        places = {task: place for place, task in enumerate(schema.task_names)}
        return cls(
            tasks=tasks,
            experts=tuple(expert_label(name) for name in read_by_tasks.experts),
            owners=tuple(-1 if owner is None else places[owner] for owner in read_by_tasks.owners),
            heard=read_by_tasks.heard,
            has_choice=read_by_tasks.has_choice,
            embedding=embedding,
            cvr_on_clicks=space_name("cvr"),
            strings=strings,
            **choices,
        )

    def to_data(self) -> dict[str, Any]:
        """This view as the component's JSON."""
        return {**asdict(self), "strings": dict(self.strings)}
