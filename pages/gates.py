"""Which experts does each task listen to, since when, and for how many rows?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis import level_usage, rows_over_time, thin_out, usage_over_time
from mmoe_core.viz import gate_distribution, gate_film, gate_heatmap, gate_player, gate_ridges
from pages.ui import gate_cards, gate_inputs, gate_words, loaders, story, summary
from pages.ui.language import t
from pages.ui.look import CHART, look

story.title("gates.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
snapshots = loaders.snapshots(run) if run else []
if not run or not run.schema or not snapshots:
    gate_inputs.say_nothing_yet()
    st.stop()
summary.badge(run.schema, run.config.data)
gate_inputs.say_spaces(run)

with st.container(border=True, key="card_2"):
    st.subheader(t("Who listens to whom?"), anchor=False)
    audiences = gate_words.audiences(run)
    place = gate_inputs.pick_level(run, len(audiences))
    who = audiences[place]
    gate_words.say_routing(run.config.model, who)
    if not who.has_choice:
        fixed = gate_heatmap(level_usage(snapshots[0].levels[place]), look(), audience=who)
        st.columns([1, 1.3])[0].plotly_chart(fixed, key="usage", config=CHART)
        st.stop()
    measure, most = gate_inputs.pick_measure()
    player, film = st.columns([1, 1.3], gap="medium")
    frames = usage_over_time(thin_out(snapshots, gate_inputs.MOST_FRAMES), level=place, measure=measure)
    player.plotly_chart(gate_player(frames, look(), audience=who, most=most), key="player", config=CHART)
    whole = usage_over_time(snapshots, level=place, measure=measure)
    film.plotly_chart(gate_film(whole, look(), audience=who, most=most), key="film", config=CHART)
    story.how_to_read("gates.heatmap")

with st.container(border=True, key="card_3"):
    st.subheader(t("Do all rows get the same mixture?"), anchor=False)
    snapshot = gate_inputs.pick_snapshot(snapshots)
    level = snapshot.levels[place]
    st.caption(t("share of probe rows by gate weight, at step {step}", step=f"{snapshot.step:,}"))
    spread = gate_distribution(gate_inputs.histogram(level), level.readers, level.experts, look(), audience=who)
    st.plotly_chart(spread, key="spread", config=CHART)
    reader, expert, color = gate_inputs.pick_pair(who, level)
    shares = rows_over_time(thin_out(snapshots, gate_inputs.MOST_RIDGES), reader=reader, expert=expert, level=place)
    st.plotly_chart(gate_ridges(shares, look(), color=color), key="ridges", config=CHART)
    story.how_to_read("gates.distribution")

with st.container(border=True, key="card_4"):
    st.subheader(t("How many experts does a task hear?"), anchor=False)
    gate_cards.hearing(run, snapshots, who, place)
    story.how_to_read("gates.effective")

if len(who.readers) > 1:
    with st.container(border=True, key="card_5"):
        st.subheader(t("How far apart are the gates?"), anchor=False)
        gate_cards.distance(snapshots, snapshot, who, place)
        story.how_to_read("gates.distance")

with st.container(border=True, key="card_6"):
    st.subheader(t("Is a heavy weight an important expert?"), anchor=False)
    gate_cards.contributions(run, who, place)
    story.how_to_read("gates.contributions")
