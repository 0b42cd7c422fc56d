"""Reads events of OpenLineage with the types that its specification has.

    lineage.py FILE

Fails on a field that the specification does not know, on one that is missing,
and on a value of another type.
"""

import json
import sys

import attr
from openlineage.client import event_v2, facet_v2

FACETS = {
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "outputStatistics": (
        facet_v2.output_statistics_output_dataset
        .OutputStatisticsOutputDatasetFacet
    ),
    "tags": facet_v2.tags_run.TagsRunFacet,
}


def facets(found):
    return {name: facet(FACETS[name], fields) for name, fields in found.items()}


def facet(kind, fields):
    schema = fields.pop("_schemaURL")
    assert schema == kind._get_schema(), schema
    if kind is FACETS["tags"]:
        tag = facet_v2.tags_run.TagsRunFacetFields
        fields["tags"] = [tag(**one) for one in fields["tags"]]
    # attrs names an argument without the underscore of its field.
    fields["producer"] = fields.pop("_producer")
    return typed(kind(**fields))


def typed(value):
    """What attrs does not look at: the types of plain fields."""
    for field in attr.fields(type(value)):
        held = getattr(value, field.name)
        for word, kind in (("str", str), ("int", int)):
            if str(field.type).split(" |")[0] == word and held is not None:
                assert isinstance(held, kind), (field.name, held)
    return value


def dataset(kind, found):
    for name in ("facets", "inputFacets", "outputFacets"):
        if name in found:
            found[name] = facets(found[name])
    return typed(kind(**found))


def event(found):
    schema = found.pop("schemaURL")
    run, job = found.pop("run"), found.pop("job")
    run["facets"], job["facets"] = facets(run["facets"]), facets(job["facets"])
    read = event_v2.RunEvent(
        eventType=event_v2.RunState[found.pop("eventType")],
        run=typed(event_v2.Run(**run)),
        job=typed(event_v2.Job(**job)),
        inputs=[dataset(event_v2.InputDataset, it) for it in found.pop("inputs")],
        outputs=[
            dataset(event_v2.OutputDataset, it) for it in found.pop("outputs")
        ],
        **found,
    )
    assert schema == read._get_schema(), (schema, read._get_schema())
    return read


def main():
    with open(sys.argv[1]) as file:
        events = [event(json.loads(line)) for line in file]
    states = [one.eventType.name for one in events]
    assert states[:1] == ["START"] and len(events) > 1, states
    print(f"{len(events)} events of OpenLineage: {', '.join(states)}")


main()
