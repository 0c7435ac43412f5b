"""What users of engines of this kind suffered from, by number, and the test that shows it gone.

     1  test_a_join_of_two_of_three_runs_once_though_the_third_comes_too
     1  test_a_branch_that_comes_after_the_joined_task_finished_does_not_run_it_again
     2  test_a_join_counts_tasks_and_not_their_transitions
     2  test_a_handled_failure_arrives_at_a_join_whatever_the_order
     3  test_an_execution_with_a_join_that_can_not_be_satisfied_never_goes_on_for_ever
     3  test_whatever_fails_a_sub_workflow_reaches_the_one_that_called_it
     4  test_two_ways_that_fork_into_the_same_tasks_are_joined_or_refused_with_what_to_do
     5  test_a_join_that_a_branch_passed_by_fails_the_execution_and_names_what_is_missing
     6  test_a_fork_and_join_in_a_cycle_work_in_every_turn
     6  test_a_task_that_leads_to_itself_sees_what_it_published_and_ends
     6  test_a_cycle_that_nothing_leads_into_is_refused_or_says_where_to_begin
     6  test_a_cycle_without_an_end_comes_to_a_limit_that_names_the_task
     7  test_a_task_that_lives_in_two_branches_has_a_context_in_each_and_all_are_waited_for
     8  test_a_transition_that_only_publishes_does_not_make_a_failure_good
     9  test_after_an_unhandled_failure_what_runs_is_let_finish_and_nothing_new_starts
    10  test_a_task_named_beside_fail_is_run
    11  test_an_error_that_was_handled_is_told_from_one_that_was_not
    12  test_an_empty_list_of_items_is_a_success_with_an_empty_result
    12  test_a_task_with_a_failed_item_ends_whatever_the_order
    12  test_a_task_whose_items_failed_runs_again_in_a_cycle
    12  test_an_empty_list_of_items_in_a_sub_workflow_ends_both
    13  test_with_continue_all_items_are_run_whatever_the_concurrency
    13  test_with_stop_no_item_starts_after_a_failure_whatever_the_concurrency
    14  test_results_of_items_are_kept_even_if_they_are_false_or_empty
    14  test_a_name_of_an_item_may_contain_the_word_in
    15  test_of_two_branches_that_wrote_a_variable_the_last_to_arrive_wins
    15  test_a_merge_can_not_be_declared
    16  test_what_is_published_inline_has_its_type
    16  test_what_is_published_later_sees_what_was_published_before_it
    17  test_tasks_begin_in_the_order_in_which_they_are_listed
    18  test_an_error_in_a_condition_is_shown_and_does_not_hide_the_other_transitions
    18  test_natively_an_error_in_a_condition_is_one_of_the_task_and_takes_no_other_way
    18  test_two_transitions_to_one_task_run_it_once_for_each
    19  test_the_transitions_see_the_last_attempt_only
    19  test_what_retry_asks_is_evaluated_after_the_attempt
    19  test_a_retry_that_waits_can_be_canceled
    20  test_a_task_with_items_is_run_again_with_those_that_had_not_succeeded
    20  test_all_items_are_run_again_where_that_is_asked_for
    20  test_a_task_with_items_that_had_succeeded_is_run_again
    20  test_a_join_is_run_again
    20  test_a_former_turn_of_a_loop_is_run_again
    20  test_what_a_join_waited_for_is_run_again_after_the_join_itself_was
    21  test_cancel_right_after_the_start_ends_the_execution
    21  test_a_question_beside_a_running_task_hinders_nothing
    21  test_a_second_resume_at_once_does_not_run_anything_twice
    21  test_pausing_is_taken_back_by_a_resume
    21  test_a_request_that_was_granted_already_does_nothing
    21  test_a_request_that_can_not_be_granted_is_refused_with_the_reason
    22  test_a_late_running_does_not_overwrite_a_success
    22  test_an_outcome_is_kept_until_the_store_takes_it
    23  test_data_that_look_like_expressions_stay_what_they_are
    23  test_keys_of_data_may_be_any_text
    24  test_there_is_an_output_on_every_ending
    24  test_an_output_that_can_not_be_evaluated_is_an_error_and_not_a_missing_key
    25  test_a_key_that_is_there_twice_is_found_with_its_place
    25  test_expressions_do_not_reach_the_host
    25  test_a_task_that_is_indented_wrongly_is_found_with_its_place

And what else has to stay so:

    empty list: test_an_empty_list_of_items_is_a_success_with_an_empty_result
    item list changing on retry:
        test_a_list_that_is_another_one_at_the_next_attempt_is_taken_as_it_is_then
    duplicate and late completion: test_an_outcome_that_comes_again_or_late_changes_nothing
        test_an_outcome_of_a_former_attempt_is_not_taken_for_the_present_one
    completion before running: test_a_success_may_be_reported_before_anybody_said_that_it_runs
    crash between commit and publish:
        test_what_was_decided_is_handed_off_though_the_machine_died_in_between
    cancel, pause, resume before the first task, twice, and while a delay or retry waits:
        test_cancel_before_anything_runs_ends_the_execution_at_once
        test_pause_while_a_task_waits_keeps_it_waiting_until_the_resume
        test_resume_before_the_time_has_come_goes_on_waiting
        test_a_canceled_execution_that_was_paused_ends
        test_requests_to_an_engine_may_be_repeated_and_come_before_the_first_task
    two machines:
        test_of_two_machines_one_moves_an_execution_and_what_the_other_says_is_refused
    parent and child:
        test_whatever_fails_a_sub_workflow_reaches_the_one_that_called_it
    data with expressions, dotted keys, NUL: test_data_that_look_like_expressions_stay_what_they_are
        test_keys_of_data_may_be_any_text
    1,000 turns: test_a_thousand_turns_of_a_loop_cost_the_same_each_and_the_state_does_not_grow
    10,000 items: test_ten_thousand_items_cost_ten_thousand_times_one
"""

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parent
TABLE = __doc__ or ""
ROWS = 25
ALSO = (
    "empty list",
    "item list changing on retry",
    "duplicate and late completion",
    "completion before running",
    "crash between commit and publish",
    "cancel, pause, resume before the first task, twice, and while a delay or retry waits",
    "two machines",
    "parent and child",
    "data with expressions, dotted keys, NUL",
    "1,000 turns",
    "10,000 items",
)


def written_tests() -> dict[str, str]:
    """Return the tests of this folder with what they say of the complaint."""
    found: dict[str, str] = {}
    for path in FOLDER.glob("test_*_complaints.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = ast.get_docstring(node) or ""
    return {name: said for name, said in found.items() if name.startswith("test_")}


def test_every_row_has_a_test() -> None:
    rows = {int(row) for row in re.findall(r"^ +(\d+)  test_", TABLE, re.MULTILINE)}
    assert rows == set(range(1, ROWS + 1))


def test_everything_else_that_has_to_stay_so_has_a_test() -> None:
    for what in ALSO:
        assert re.search(rf"^    {re.escape(what)}:\s+test_", TABLE, re.MULTILINE), what


def test_every_test_that_is_listed_is_there_and_the_other_way_round() -> None:
    listed = set(re.findall(r"\b(test_\w+)", TABLE))
    own = {name for name in globals() if name.startswith("test_")}
    assert listed == set(written_tests()) - own


def test_every_test_says_what_was_complained_of() -> None:
    own = {name for name in globals() if name.startswith("test_")}
    silent = [name for name, said in written_tests().items() if not said and name not in own]
    assert silent == []
